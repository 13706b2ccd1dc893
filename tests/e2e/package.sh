# The package that is tried: given, or built here.

# package_into DIRECTORY [FILE.deb]
package_into() {
  mkdir "$1"
  if [ -z "$2" ]; then
    command -v cargo >/dev/null || refuse "missing: cargo (Rust's toolchain, https://rustup.rs, or Debian package cargo)"
    command -v cc >/dev/null || refuse "missing: cc (Debian package gcc)"
    command -v dpkg-shlibdeps >/dev/null || refuse "missing: dpkg-shlibdeps (Debian package dpkg-dev)"
    cargo deb --version >/dev/null 2>&1 || refuse "missing: cargo deb (cargo install --locked cargo-deb)"
    echo "-- builds the package"
    (cd "$repo" && cargo deb --locked --quiet --output "$1/")
  else
    cp -- "$2" "$1/" || refuse "cannot read $2"
  fi
}

# Inside: installs it. Images for containers leave out /usr/share/doc, where the definitions for Icinga 2 are.
install_package() {
  dpkg --path-include='/usr/share/doc/postmaster-plugins/*' -i /e2e/package/*.deb > /e2e/log/dpkg 2>&1 ||
    fail "dpkg -i: $(tail -5 /e2e/log/dpkg)"
}
