# SPDX-License-Identifier: Apache-2.0
# Sleipnir. `make help` lists the targets; every flavour builds in build/<flavour>/.
FLAVOUR ?= release
ifeq ($(origin CC),default)
CC := gcc
endif
MAKEFLAGS += --no-builtin-rules --no-print-directory
ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(shell nproc)
endif

B := build/$(FLAVOUR)
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings -Wcast-qual \
	-Wundef -Wvla -Wpointer-arith $(if $(CI),-Werror)
FLAVOUR_release := -O2 -g -flto=auto -ftree-vectorize -D_FORTIFY_SOURCE=2 -fstack-protector-strong
FLAVOUR_debug := -O0 -g3
FLAVOUR_asan := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
FLAVOUR_ubsan := -O1 -g -fsanitize=undefined -fno-sanitize-recover=undefined
FLAVOUR_tsan := -O1 -g -fsanitize=thread
FLAVOUR_oom := -O1 -g
FLAVOUR_coverage := -O0 -g -fprofile-instr-generate -fcoverage-mapping
FLAVOUR_fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
MODE := $(FLAVOUR_$(FLAVOUR))
# V=1 shows the commands
Q := $(if $(V),,@)
CPPFLAGS := -I. -D_GNU_SOURCE -DSLEIPNIR_VERSION='"$(shell cat VERSION)"' -DSLEIPNIR_REVISION='"$(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)"'
CFLAGS := -std=c11 -pthread $(WARN) $(MODE)
LDLIBS := -pthread -lssl -lcrypto -ljansson -lyaml -lhiredis -lsqlite3 -lz -lzstd -lm

SRC := $(sort $(wildcard base/*.c protocol/*.c sql/*.c metrics/*.c state/*.c history/*.c engines/*.c engines/*/*.c \
	routing/*.c gateway/*.c))
LIBOBJ := $(patsubst %.c,$(B)/%.o,$(filter-out gateway/main.c,$(SRC)))
UNIT := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(wildcard tests/unit/test_*.c))
BENCHBIN := $(patsubst bench/%.c,$(B)/bench/%,$(wildcard bench/*.c))
FUZZ := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))

# A Go that scripts/deps had to fetch, see there.
export PATH := $(CURDIR)/build/go/bin:$(PATH)
export ASAN_OPTIONS ?= handle_abort=1:strict_string_checks=1:detect_stack_use_after_return=1
export UBSAN_OPTIONS ?= print_stacktrace=1
export TSAN_OPTIONS ?= halt_on_error=1:second_deadlock_stack=1

##@ Build
.PHONY: all debug bench-programs
all: $(B)/sleipnir ## the program, optimised: build/release/sleipnir (FLAVOUR=... for another one)

debug: ## the program for a debugger: build/debug/sleipnir
	$(MAKE) FLAVOUR=debug all

bench-programs: $(BENCHBIN)

$(B)/sleipnir: $(B)/gateway/main.o $(B)/libsleipnir.a
	@$(if $(V),,echo "  LINK  $@")
	$(Q)$(CC) $(MODE) -o $@ $^ $(LDLIBS)

$(B)/libsleipnir.a: $(LIBOBJ)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(B)/%.o: %.c
	@mkdir -p $(@D)
	@$(if $(V),,echo "  CC    $@")
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/tests/unit/%: $(B)/tests/unit/%.o $(B)/libsleipnir.a
	@$(if $(V),,echo "  LINK  $@")
	$(Q)$(CC) $(MODE) -o $@ $^ -lcmocka $(LDLIBS)

$(B)/bench/%: $(B)/bench/%.o $(B)/libsleipnir.a
	@$(if $(V),,echo "  LINK  $@")
	$(Q)$(CC) $(MODE) -o $@ $^ $(LDLIBS)

$(B)/tests/oracle/%: $(B)/tests/oracle/%.o $(B)/libsleipnir.a
	@$(if $(V),,echo "  LINK  $@")
	$(Q)$(CC) $(MODE) -o $@ $^ $(LDLIBS)

# A fuzz target linked with a main that replays files, or (clang only) with libFuzzer's.
$(B)/replay/%: $(B)/tests/fuzz/fuzz_%.o $(B)/tests/fuzz/replay.o $(B)/libsleipnir.a
	@mkdir -p $(@D)
	@$(if $(V),,echo "  LINK  $@")
	$(Q)$(CC) $(MODE) -o $@ $^ $(LDLIBS)

$(B)/libfuzzer/%: $(B)/tests/fuzz/fuzz_%.o $(B)/libsleipnir.a
	@mkdir -p $(@D)
	@$(if $(V),,echo "  LINK  $@")
	$(Q)$(CC) $(subst fuzzer-no-link,fuzzer,$(MODE)) -o $@ $^ $(LDLIBS)

##@ Test
.PHONY: test unit corpus integration asan ubsan tsan valgrind oom fuzz libfuzzer coverage coverage-report
test: ## everything; QUICK=1 leaves out the JVMs and TSan: within a minute once it is built
	scripts/deps $(if $(QUICK),quick,test)
	$(MAKE) FLAVOUR=release all
	$(MAKE) FLAVOUR=asan all test-programs
ifeq ($(QUICK),)
	$(MAKE) FLAVOUR=asan unit corpus
	$(MAKE) FLAVOUR=tsan unit
	$(MAKE) integration
else # side by side: most of it waits
	$(MAKE) --output-sync=target FLAVOUR=asan unit corpus integration
endif

.PHONY: test-programs
test-programs: $(UNIT) $(FUZZ:%=$(B)/replay/%)

# Runs each program under $(RUNNER); their output stays in one piece, the first failure does not hide others.
unit: $(UNIT) ## unit tests of this FLAVOUR
	$(if $(filter asan,$(FLAVOUR)),scripts/symbols $(B)/libsleipnir.a)
	@printf '%s\n' $^ | xargs -r -P$$(nproc) -I{} sh -c \
		'timeout $(or $(LIMIT),300) $(RUNNER) {} > {}.log 2>&1; rc=$$?; cat {}.log; [ $$rc = 0 ] || { echo "FAILED ($$rc): {}"; exit 1; }'

corpus: $(FUZZ:%=$(B)/replay/%) ## replays every fuzz corpus
	@rc=0; for name in $(FUZZ); do echo "corpus $$name"; timeout 300 $(B)/replay/$$name tests/fuzz/corpus/$$name || rc=1; done; exit $$rc

integration: build/venv/ok ## pytest: fakes, replayed recordings, chaos; without QUICK=1 also real servers and clients
	$(MAKE) FLAVOUR=release all
	$(MAKE) FLAVOUR=asan all
	$(if $(QUICK),SLEIPNIR_STATEMENTS=200) SLEIPNIR_BIN=$(CURDIR)/build/asan/sleipnir \
		build/venv/bin/python -m pytest tests/integration -m "not jvm" -n 8
ifeq ($(QUICK),)
	scripts/peers get servers clients
	SLEIPNIR_BIN=$(CURDIR)/build/release/sleipnir build/venv/bin/python -m pytest tests/integration -m jvm
endif

build/venv/ok: tests/integration/requirements.txt
	python3 -m venv build/venv
	build/venv/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

asan: ## unit tests and corpora under the address and undefined-behaviour sanitizers
	$(MAKE) FLAVOUR=asan unit corpus

ubsan: ## the same, undefined behaviour only
	$(MAKE) FLAVOUR=ubsan unit corpus

tsan: ## unit tests under the thread sanitizer
	$(MAKE) FLAVOUR=tsan unit

valgrind: ## unit tests under valgrind
	$(MAKE) FLAVOUR=debug RUNNER="valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite" unit

# The product's allocations go through tests/oom/fail.c, the tests' own do not.
ifeq ($(FLAVOUR),oom)
$(LIBOBJ): CPPFLAGS += -include tests/oom/fail.h
$(B)/libsleipnir.a: LIBOBJ += $(B)/tests/oom/fail.o
$(B)/libsleipnir.a: $(B)/tests/oom/fail.o
endif
oom: ## unit tests with one failing allocation each run: only the announced abort may follow
	$(MAKE) FLAVOUR=oom RUNNER=tests/oom/run LIMIT=3600 unit

fuzz: ## libFuzzer, TIME=30 seconds each target, finds kept in build/fuzz/corpus
	$(MAKE) FLAVOUR=fuzz CC=clang libfuzzer
TIME ?= 30
libfuzzer: $(FUZZ:%=$(B)/libfuzzer/%)
	@for name in $(FUZZ); do mkdir -p $(B)/corpus/$$name; \
		echo "fuzz $$name"; $(B)/libfuzzer/$$name -max_total_time=$(TIME) -timeout=10 -rss_limit_mb=2048 -verbosity=0 \
		-print_final_stats=1 -artifact_prefix=$(B)/$$name- $(B)/corpus/$$name tests/fuzz/corpus/$$name || exit 1; done

coverage: ## line coverage of the unit tests: report, and build/coverage/html
	rm -rf build/coverage/profile
	LLVM_PROFILE_FILE=$(CURDIR)/build/coverage/profile/%p.profraw $(MAKE) FLAVOUR=coverage CC=clang unit corpus
	$(MAKE) FLAVOUR=coverage coverage-report
COVERED = $(firstword $(UNIT)) $(addprefix -object ,$(UNIT) $(FUZZ:%=$(B)/replay/%)) -instr-profile=$(B)/profile/all $(SRC)
coverage-report:
	llvm-profdata merge -sparse $(B)/profile/*.profraw -o $(B)/profile/all
	llvm-cov show -format=html -output-dir=$(B)/html $(COVERED)
	llvm-cov report $(COVERED)

##@ Look after
.PHONY: lint format docs bench run install clean help
lint: ## formatting, clang-tidy, cppcheck, banned functions, layers, links of the docs
	scripts/deps lint build
	WARN="$(WARN)" scripts/lint

format: ## clang-format over all C files
	git ls-files -co --exclude-standard '*.c' '*.h' | xargs clang-format -i

docs: all ## writes docs/configuration.md anew
	$(B)/sleipnir --print-config-reference > docs/configuration.md

bench: ## measures against nginx and HAProxy on this machine (docs/benchmarks.md)
	scripts/deps bench
	$(MAKE) FLAVOUR=release all bench-programs
	bench/run

##@ Use
run: ## a Trino and the gateway in front of it; PORT=8080 ADMIN_PORT=8081; Ctrl-C stops both
	scripts/deps run
	$(MAKE) FLAVOUR=release all
	scripts/run

PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
install: all ## to DESTDIR/PREFIX, with systemd unit and an example configuration
	install -D -m 755 $(B)/sleipnir $(DESTDIR)$(PREFIX)/bin/sleipnir
	install -D -m 644 conf/sleipnir.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/sleipnir.conf
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system $(DESTDIR)$(SYSCONFDIR)/sleipnir
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/doc/sleipnir docs/*.md LICENSE
	sed 's|@PREFIX@|$(PREFIX)|g; s|@SYSCONFDIR@|$(SYSCONFDIR)|g' conf/sleipnir.service > $(DESTDIR)$(PREFIX)/lib/systemd/system/sleipnir.service
	[ -e $(DESTDIR)$(SYSCONFDIR)/sleipnir/sleipnir.yaml ] || install -m 640 conf/sleipnir.yaml $(DESTDIR)$(SYSCONFDIR)/sleipnir/sleipnir.yaml

clean: ## removes build/
	rm -rf build

help: ## this list
	@awk 'BEGIN { FS = ":.*## " } /^##@/ { printf "\n%s\n", substr($$0, 5) } /^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' Makefile

.SECONDARY:
-include $(shell find $(B) -name '*.d' 2>/dev/null)
