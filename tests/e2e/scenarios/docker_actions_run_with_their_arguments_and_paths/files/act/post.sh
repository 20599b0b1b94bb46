#!/bin/sh
echo "posting as $INPUT_WHO"
