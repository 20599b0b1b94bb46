#!/bin/sh
echo "composite says $1 in $PWD"
