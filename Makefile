# `make run` and `make test` install what they need.
# Prerequisites: make and a Swift 6.2 toolchain or newer on the PATH.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

OS := $(shell uname -s)

# Libraries the program links, and tools the tests run (promtool and prometheus, docker-compose, a Python with venv).
APT_BUILD := libprotobuf-c-dev zlib1g-dev libyaml-dev libsqlite3-dev libzstd-dev libcrypt-dev pkg-config
APT_TEST := prometheus docker-compose python3 python3-venv
BREW_BUILD := protobuf-c libyaml sqlite zlib pkgconf
BREW_TEST := prometheus docker-compose python

# The Swift runtime is linked statically, so that the program runs without a toolchain. Its 24,000 symbols are not exported:
# the table would be a tenth of the program and keep unused code.
ifeq ($(OS),Linux)
RELEASE_FLAGS := -c release --static-swift-stdlib -Xlinker --no-export-dynamic
else
RELEASE_FLAGS := -c release
endif

# An import that the manifest does not declare, and every warning, fail the build that is tested.
STRICT_FLAGS := -Xswiftc -warnings-as-errors --explicit-target-dependency-import-check error

VENV := .build/venv
REQUIREMENTS := Tests/Python/requirements.txt
export ODOMETER_PYTHON ?= $(CURDIR)/$(VENV)/bin/python3

FORMATTED := $(wildcard Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources Benchmarks/Benchmarks \
                        Fuzz/Package.swift Fuzz/Sources/Fuzz*)

# `make run ARGS='--config=my.yaml'`, `make test ARGS='--filter SeriesTests'`, `make bench ARGS='…'`.
ARGS ?=

.PHONY: help deps build-deps test-deps build run test test-fast lint dashboards bench bench-check soak soak-team soak-hostile fuzz image-test compose-test clean

help: ## Lists the targets.
	@grep -hE '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/^([a-z-]+):[^#]*## /\1\t/' | expand -t 12

deps: build-deps test-deps ## Installs the libraries and tools that are missing (apt or Homebrew).

build-deps:
	@$(call install,$(APT_BUILD),$(BREW_BUILD))

test-deps: $(VENV)/installed
	@$(call install,$(APT_TEST),$(BREW_TEST))

build: build-deps ## Builds the release program .build/release/odometer.
	swift build $(RELEASE_FLAGS) --product odometer

run: build ## Builds and runs the collector; ARGS are its arguments.
	.build/release/odometer $(ARGS)

# Tests run one after the other, since many block a thread on a socket.
test: deps lint ## Checks style, configuration and dashboards, builds strictly and runs all tests.
	swift build --build-tests $(STRICT_FLAGS)
	swift test --skip-build --disable-xctest --no-parallel $(ARGS)

# Modules without sockets: their tests block no thread, so they run in parallel.
FAST_TESTS := Bytes|Patterns|OTLP|Series|Events|Exposition|ConfigFile

test-fast: deps ## Builds and runs the tests that need no socket, in parallel; for every save.
	swift build --build-tests $(STRICT_FLAGS)
	swift test --skip-build --disable-xctest --filter '^($(FAST_TESTS))Tests\.' $(ARGS)

lint: test-deps ## Checks what needs no build: formatting, house rules, requirements, compose, rules, dashboards.
	swift format lint --strict --parallel --recursive $(FORMATTED)
	python3 Tests/Tidy/tidy_tests.py
	python3 Tests/Tidy/tidy.py
	python3 Tests/Tidy/conformance_tests.py
	python3 Tests/Tidy/conformance.py
	docker-compose config --quiet
	COMPOSE_PROFILES=logs docker-compose config --quiet
	promtool check config prometheus.yml
	promtool check rules Config/prometheus-rules/*.yml
	promtool test rules Tests/Rules/*.test.yml
	$(ODOMETER_PYTHON) Tests/Dashboards/dashboard_tests.py

dashboards: ## Writes grafana/dashboards from grafana/source.
	python3 -B grafana/source/build.py

bench: build-deps ## Measures CPU per data point, allocations and memory of a series, release build.
	swift run -c release --package-path Benchmarks $(ARGS)

bench-check: build-deps ## Fails if a stage needs more allocations than Benchmarks/allocations.txt allows.
	swift run -c release --package-path Benchmarks Bench --thresholds Benchmarks/allocations.txt \
	    decode ingest scrape events

soak: build ## Sends a million short sessions and reports memory and disk over time (about five minutes); ARGS as in soak.py.
	python3 Tests/Python/soak.py .build/release/odometer --evict-after 1s $(ARGS)
	python3 Tests/Python/soak.py .build/release/odometer --sessions 100000 $(ARGS)

soak-team: build ## Sends a million short sessions of ten users under the preset `team`; ARGS as in soak.py.
	python3 Tests/Python/soak.py .build/release/odometer --team 10 $(ARGS)

soak-hostile: build test-deps ## Runs well-behaved clients and all attacks together, 15 minutes; ARGS as in soak_hostile.py.
	$(ODOMETER_PYTHON) Tests/Python/soak_hostile.py .build/release/odometer $(ARGS)

# Inputs found by earlier runs are in Fuzz/.build/corpus. Fuzz is a separate package: Fuzz/README.md.
FUZZ_SECONDS ?= 60
FUZZ_TARGETS ?= $(filter-out FuzzServer,$(sort $(notdir $(wildcard Fuzz/Sources/Fuzz*))))

fuzz: build-deps ## Fuzzes each of FUZZ_TARGETS (all) for FUZZ_SECONDS (60).
	for target in $(FUZZ_TARGETS); do \
	    swift build -c release --package-path Fuzz --product $$target; \
	    name=$$(echo $${target#Fuzz} | tr A-Z a-z); arguments=Fuzz/.build/corpus/$$name; mkdir -p $$arguments; \
	    for folder in Fuzz/Seeds/$$name Fuzz/FailCases/$$name; do [ ! -d $$folder ] || arguments="$$arguments $$folder"; done; \
	    [ ! -f Fuzz/$$name.dict ] || arguments="$$arguments -dict=Fuzz/$$name.dict"; \
	    [ ! -f Fuzz/$$name.options ] || arguments="$$arguments $$(cat Fuzz/$$name.options)"; \
	    echo "$$target, $(FUZZ_SECONDS) s"; \
	    ASAN_OPTIONS=detect_leaks=0:malloc_context_size=4 SWIFT_BACKTRACE=enable=no SWIFT_DETERMINISTIC_HASHING=1 \
	        Fuzz/.build/release/$$target -max_total_time=$(FUZZ_SECONDS) -detect_leaks=0 -timeout=20 \
	        -rss_limit_mb=2000 -artifact_prefix=Fuzz/.build/ -verbosity=0 -print_final_stats=1 $$arguments; \
	done

# With the flags of the Dockerfile, in a separate build directory.
image-test: build-deps ## Builds the program of the image and runs it in an empty root with a network of its own (Linux).
	swift build -c release --static-swift-stdlib -Xswiftc -static-executable --scratch-path .build-static --product odometer
	strip --strip-all -o .build-static/odometer .build-static/release/odometer
	python3 Tests/Python/image_test.py $(ARGS) .build-static/odometer

compose-test: ## Builds the image and runs docker-compose.yml with a Docker engine; ARGS are services, by default all.
	python3 Tests/Python/compose_test.py $(ARGS)

clean: ## Removes everything that was built.
	rm -rf .build .build-static Benchmarks/.build Fuzz/.build

# The environment is created again when the list of packages changes.
$(VENV)/installed: $(REQUIREMENTS)
	@$(call install,$(APT_TEST),$(BREW_TEST))
	rm -rf $(VENV)
	python3 -m venv $(VENV)
	$(VENV)/bin/python3 -m pip install --quiet --disable-pip-version-check --requirement $(REQUIREMENTS)
	touch $@

# install(apt packages, brew formulas): installs missing ones; silent if there are none.
ifeq ($(OS),Darwin)
define install
missing=; for formula in $(2); do brew list --formula "$$formula" > /dev/null 2>&1 || missing="$$missing $$formula"; done; \
[ -z "$$missing" ] || brew install $$missing
endef
else
define install
missing=; for package in $(1); do \
    dpkg-query -W -f='$${db:Status-Status}\n' "$$package" 2> /dev/null | grep -qx installed || missing="$$missing $$package"; \
done; \
if [ -n "$$missing" ]; then \
    command -v apt-get > /dev/null || { \
        echo "Neither apt nor Homebrew was found. Install the equivalents of$$missing, then run make with APT_BUILD= APT_TEST=." >&2; \
        exit 1; }; \
    root=; [ "$$(id -u)" = 0 ] || root=sudo; \
    $$root apt-get update -qq; \
    $$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; \
    case "$$missing" in *prometheus*) \
        echo "note: Debian's package prometheus may have started a service; the tests only run the programs," \
            "'systemctl disable --now prometheus' stops it.";; \
    esac; \
fi
endef
endif
