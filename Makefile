# Sleipnir. `make help` lists the targets; every flavour builds in build/<flavour>/.
FLAVOUR ?= release
CC ?= gcc
MAKEFLAGS += --no-builtin-rules
ifeq ($(filter -j%,$(MAKEFLAGS)),)
MAKEFLAGS += -j$(shell nproc)
endif

B := build/$(FLAVOUR)
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings -Wcast-qual \
	-Wundef -Wvla -Wpointer-arith $(if $(CI),-Werror)
FLAVOUR_release := -O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong
FLAVOUR_debug := -O0 -g3
FLAVOUR_asan := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
FLAVOUR_tsan := -O1 -g -fsanitize=thread
FLAVOUR_coverage := -O0 -g -fprofile-instr-generate -fcoverage-mapping
FLAVOUR_fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined
MODE := $(FLAVOUR_$(FLAVOUR))
CPPFLAGS := -I. -D_GNU_SOURCE -DSLEIPNIR_VERSION='"$(shell cat VERSION)"' -DSLEIPNIR_REVISION='"$(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)"'
CFLAGS := -std=c11 -pthread $(WARN) $(MODE)
LDLIBS := -pthread -lssl -lcrypto -ljansson -lyaml -lhiredis -lsqlite3 -lz -lzstd -lm

SRC := $(sort $(wildcard base/*.c protocol/*.c sql/*.c metrics/*.c state/*.c history/*.c engines/*.c engines/*/*.c \
	routing/*.c gateway/*.c))
LIBOBJ := $(patsubst %.c,$(B)/%.o,$(filter-out gateway/main.c,$(SRC)))
UNIT := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(wildcard tests/unit/test_*.c))
BENCHBIN := $(patsubst bench/%.c,$(B)/bench/%,$(wildcard bench/*.c))
FUZZ := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))

.PHONY: all
all: $(B)/sleipnir

$(B)/sleipnir: $(B)/gateway/main.o $(B)/libsleipnir.a
	$(CC) $(MODE) -o $@ $^ $(LDLIBS)

$(B)/libsleipnir.a: $(LIBOBJ)
	@rm -f $@
	ar rcs $@ $^

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/tests/unit/%: $(B)/tests/unit/%.o $(B)/libsleipnir.a
	$(CC) $(MODE) -o $@ $^ -lcmocka $(LDLIBS)

$(B)/bench/%: $(B)/bench/%.o $(B)/libsleipnir.a
	$(CC) $(MODE) -o $@ $^ $(LDLIBS)

# A fuzz target linked with a main that replays files instead of libFuzzer.
$(B)/tests/fuzz/%: $(B)/tests/fuzz/%.o $(B)/tests/fuzz/replay.o $(B)/libsleipnir.a
	$(CC) $(MODE) -o $@ $^ $(LDLIBS)

.SECONDARY:
-include $(shell find $(B) -name '*.d' 2>/dev/null)
