# Build, install and package without knowing cargo: `make help` lists the targets.

prefix       ?= /usr/local
plugindir    ?= $(prefix)/lib/nagios/plugins
sysconfdir   ?= /etc
datadir      ?= $(prefix)/share
mandir       ?= $(datadir)/man
docdir       ?= $(datadir)/doc/postmaster-plugins
bashdir      ?= $(datadir)/bash-completion/completions
zshdir       ?= $(datadir)/zsh/site-functions
fishdir      ?= $(datadir)/fish/vendor_completions.d
nagiosdir    ?= $(sysconfdir)/nagios-plugins/config
nrpedir      ?= $(sysconfdir)/nagios/nrpe.d

CARGO        ?= cargo
INSTALL      ?= install
STATIC       ?= x86_64-unknown-linux-gnu
CARGO_TARGET_DIR ?= target
# Which binaries `make install` takes: target/$(STATIC)/release for the static ones.
builddir     ?= $(CARGO_TARGET_DIR)/release

PLUGINS      := check_mailq_blacklist check_memory check_postgrey_whitelist
BUILT        := $(PLUGINS:%=$(builddir)/%)

.PHONY: all help check static sizes install install-config uninstall paperwork deb rpm

all:
	$(CARGO) build --release --locked --bins

help:
	@echo 'make                 build the plugins into $(builddir)'
	@echo 'make install         install plugins, man pages, completions and documentation; DESTDIR, prefix and plugindir are honoured'
	@echo 'make install-config  install the command definitions for Nagios and NRPE; what is there already stays'
	@echo 'make uninstall       remove what install has installed'
	@echo 'make static          build self-contained plugins for any $(STATIC) host'
	@echo 'make deb, make rpm   build a package (cargo install cargo-deb, cargo install cargo-generate-rpm)'
	@echo 'make paperwork       make man pages and completions anew after a change of options'
	@echo 'make check           run the tests'

check:
	$(CARGO) test --locked

# Without --target the flag would reach build scripts and procedural macros too, which cannot be static.
static:
	RUSTFLAGS='-C target-feature=+crt-static' $(CARGO) build --release --locked --bins --target $(STATIC)
	@$(MAKE) --no-print-directory sizes builddir=$(CARGO_TARGET_DIR)/$(STATIC)/release

sizes:
	@cd $(builddir) && stat -c '%s bytes  $(builddir)/%n' $(PLUGINS)

# No prerequisite builds them: install may run as root, who should not run cargo.
$(BUILT):
	@echo "make: $@ is not built: run 'make' as an ordinary user first" >&2
	@exit 1

install: $(BUILT)
	$(INSTALL) -d $(DESTDIR)$(plugindir) $(DESTDIR)$(mandir)/man1 $(DESTDIR)$(bashdir) $(DESTDIR)$(zshdir) $(DESTDIR)$(fishdir) $(DESTDIR)$(docdir)/docs
	$(INSTALL) -m 0755 $(BUILT) $(DESTDIR)$(plugindir)
	$(INSTALL) -m 0644 $(PLUGINS:%=share/man/%.1) $(DESTDIR)$(mandir)/man1
	$(INSTALL) -m 0644 $(PLUGINS:%=share/bash/%) $(DESTDIR)$(bashdir)
	$(INSTALL) -m 0644 $(PLUGINS:%=share/zsh/_%) $(DESTDIR)$(zshdir)
	$(INSTALL) -m 0644 $(PLUGINS:%=share/fish/%.fish) $(DESTDIR)$(fishdir)
	$(INSTALL) -m 0644 README.md CHANGELOG.md LICENSE-APACHE LICENSE-MIT packaging/debian/copyright share/sbom/postmaster-plugins.cdx.json $(DESTDIR)$(docdir)
	$(INSTALL) -m 0644 docs/*.md $(DESTDIR)$(docdir)/docs
	cd contrib && find * -type f ! -perm /111 -exec $(INSTALL) -D -m 0644 {} $(abspath $(DESTDIR)$(docdir))/examples/{} \;
	cd contrib && find * -type f -perm /111 -exec $(INSTALL) -D -m 0755 {} $(abspath $(DESTDIR)$(docdir))/examples/{} \;
	ln -sfn examples $(DESTDIR)$(docdir)/contrib

install-config:
	$(INSTALL) -d $(DESTDIR)$(nagiosdir) $(DESTDIR)$(nrpedir)
	test -e $(DESTDIR)$(nagiosdir)/postmaster.cfg || $(INSTALL) -m 0644 contrib/icinga/nagios/commands.cfg $(DESTDIR)$(nagiosdir)/postmaster.cfg
	test -e $(DESTDIR)$(nrpedir)/postmaster.cfg || $(INSTALL) -m 0644 contrib/icinga/nrpe/postmaster.cfg $(DESTDIR)$(nrpedir)/postmaster.cfg

uninstall:
	rm -f $(PLUGINS:%=$(DESTDIR)$(plugindir)/%) $(PLUGINS:%=$(DESTDIR)$(mandir)/man1/%.1)
	rm -f $(PLUGINS:%=$(DESTDIR)$(bashdir)/%) $(PLUGINS:%=$(DESTDIR)$(zshdir)/_%) $(PLUGINS:%=$(DESTDIR)$(fishdir)/%.fish)
	rm -rf $(DESTDIR)$(docdir)

paperwork:
	$(CARGO) run --locked --quiet --example paperwork

deb:
	$(CARGO) deb --locked

rpm: all
	$(CARGO) generate-rpm
