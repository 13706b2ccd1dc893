# The package that is tried: built here, or given.

# package_into DIRECTORY [FILE.deb]
package_into() {
  mkdir "$1"
  if [ -d "$2" ]; then cp "$2"/check_* "$1/"; return; fi
  if [ -n "$2" ]; then
    cp "$2" "$1/" || refuse "cannot read $2"
    return
  fi
  command -v cargo >/dev/null || refuse "missing: cargo (Rust's toolchain, https://rustup.rs, or Debian package cargo)"
  command -v cc >/dev/null || refuse "missing: cc (Debian package gcc)"
  echo "-- builds"
  (cd "$repo" && cargo build --release --locked --quiet --bins)
  cp "$repo"/target/release/check_{memory,mailq_blacklist,postgrey_whitelist} "$1/"
}

# Inside: installs it.
install_package() {
  install -m 755 /e2e/package/check_* "$PLUGINS/"
}
