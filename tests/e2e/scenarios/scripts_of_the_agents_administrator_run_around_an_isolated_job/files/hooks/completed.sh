#!/bin/sh
rm -f "$GITHUB_WORKSPACE/../prepared"
echo "tidied up after $GITHUB_JOB, kind is ${KIND-unset}"
