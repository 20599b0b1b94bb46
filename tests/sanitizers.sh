# shellcheck shell=bash
# tests/sanitizers.sh - sourced, at the root of the tree, by what runs test programs: how sanitized programs are started.
#
# ThreadSanitizer of gcc 12 dies where addresses are spread too widely; where that may not be changed it must do as it is.

in_order=()
if setarch "$(uname -m)" -R true 2>/dev/null; then
    # shellcheck disable=SC2034 # For whoever sources this
    in_order=(setarch "$(uname -m)" -R)
fi
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
export TSAN_OPTIONS=${TSAN_OPTIONS:-suppressions=$PWD/tests/thread.suppressions}
