#!/bin/sh
# RUSTC_WRAPPER for the fuzzer: coverage is counted in our own crates and in what reads TOML and JSON for us. The rest (regular
# expressions, command lines, packed files) is tried by its authors, and took most of each execution with the counters on. What is
# generic is compiled into our crate, and counted there.
rustc=$1
shift
case " $* " in
*" --crate-name postmaster_plugins"* | *" --crate-name toml"* | *" --crate-name serde_json "*)
    exec "$rustc" "$@" ;;
esac
for argument do
    shift
    case $argument in
    -Cpasses=sancov-module | -Cllvm-args=*) ;;
    *) set -- "$@" "$argument" ;;
    esac
done
exec "$rustc" "$@"
