#!/bin/sh
test ! -e "$GITHUB_WORKSPACE/../prepared" || ! kill -0 "$(cat "$GITHUB_WORKSPACE/../prepared")" || echo "it still runs"
rm -f "$GITHUB_WORKSPACE/../prepared"
echo "tidied up after $GITHUB_JOB, kind is ${KIND-unset}"
