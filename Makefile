# SPDX-License-Identifier: Apache-2.0
# Everything is built from here: `make help` names the targets. Sources are found by folder, so a
# new file needs no line in this one.

CC      ?= cc
O       ?= build
PREFIX  ?= /usr/local
DESTDIR ?=
# This kernel if it has headers, else the one that VMs boot, else any.
KREL    ?= $(shell ls -d /lib/modules/$$(uname -r)/build 2>/dev/null || scripts/vm --kdir 2>/dev/null || \
	   ls -d /lib/modules/*/build 2>/dev/null | head -n 1)
KDIR    ?= $(KREL)
CLANG   ?= clang

CFLAGS  ?= -O2 -g
HARDEN   = -fstack-protector-strong -fPIE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
ifneq ($(SAN),)
CFLAGS   = -O1 -g -fno-omit-frame-pointer -fsanitize=$(SAN)
HARDEN   =
LDFLAGS += -fsanitize=$(SAN)
endif
WARN     = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef \
	   -Wpointer-arith $(if $(WERROR),-Werror)
CPPFLAGS += -D_GNU_SOURCE -Ictl -Iinclude -Iinclude/uapi -I/usr/include/libnl3
ALL_CFLAGS = -std=gnu11 $(CFLAGS) $(HARDEN) $(WARN) -ffile-prefix-map=$(CURDIR)=. -pthread
LINK     = $(CC) $(ALL_CFLAGS) -pie -Wl,-z,relro,-z,now -Wl,--as-needed $(LDFLAGS)
LIBS     = -lcjson -lsqlite3 -lseccomp -lnl-genl-3 -lnl-3 -lmnl -lnftables -lssl -lcrypto -lnghttp2

STRICT   = base http auth dns
LIB_SRC  := $(sort $(filter-out ctl/latticed/% ctl/latticectl/%,$(wildcard ctl/*/*.c)))
LIB_OBJ  := $(LIB_SRC:%.c=$(O)/%.o)
DAEMON_OBJ := $(patsubst %.c,$(O)/%.o,$(sort $(wildcard ctl/latticed/*.c)))
TOOL_OBJ := $(patsubst %.c,$(O)/%.o,$(sort $(wildcard ctl/latticectl/*.c)))
UNIT     := $(patsubst tests/unit/%.c,$(O)/unit/%,$(sort $(wildcard tests/unit/*/*.c)))
FUZZ     := $(patsubst tests/fuzz/%.c,$(O)/fuzz/%,$(sort $(wildcard tests/fuzz/*.c)))

Q = $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' $(1) $(2))

all: ctl $(if $(wildcard kmod/Kbuild),kmod)	## build all: daemon, tool and module

ctl: $(O)/liblattice.a $(if $(DAEMON_OBJ),$(O)/latticed) $(if $(TOOL_OBJ),$(O)/latticectl)	## build the user-space programs

$(foreach d,$(STRICT),$(O)/ctl/$(d)/%.o): WARN += -Wconversion

$(O)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(O)/liblattice.a: $(LIB_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcsD $@ $^

$(O)/latticed: $(DAEMON_OBJ) $(O)/liblattice.a
	$(call say,LD,$@)
	$(Q)$(LINK) -o $@ $^ $(LIBS)

$(O)/latticectl: $(TOOL_OBJ) $(O)/liblattice.a
	$(call say,LD,$@)
	$(Q)$(LINK) -o $@ $^ $(LIBS)

# A unit test includes the file that it tests; the archive gives it the rest. Calls that it makes fail are its
# lines FAULT(name, …): tests/unit/faults.h.
FAULTS = $(shell sed -n 's/^FAULT.\([A-Za-z0-9_]*\),.*/-Wl,--wrap=\1/p' $<)
$(O)/unit/%: tests/unit/%.c $(O)/liblattice.a
	@mkdir -p $(@D)
	$(call say,TEST,$@)
	$(Q)$(LINK) $(CPPFLAGS) $(FAULTS) -MMD -MP -o $@ $< $(O)/liblattice.a -lcmocka $(LIBS)

# The module's pure files, with empty headers in place of those of the kernel that they name.
KMOD_PURE = kmod/table.c kmod/filter.c kmod/tuple.c kmod/filter.h kmod/service.h kmod/table.h kmod/tuple.h
KMOD_EMPTY = $(filter-out linux/lattice.h linux/types.h,$(shell sed -n 's/^.include <\(.*\)>.*/\1/p' $(KMOD_PURE)))
$(O)/unit/kmod/empty: $(KMOD_PURE)
	$(Q)for h in $(KMOD_EMPTY); do mkdir -p $@/$${h%/*} && : >$@/$$h || exit 1; done && touch $@
$(O)/unit/kmod/%: private CPPFLAGS := -isystem $(O)/unit/kmod/empty -Iinclude/uapi
$(filter $(O)/unit/kmod/%,$(UNIT)): $(O)/unit/kmod/empty $(wildcard tests/unit/kmod/*.h)

# Fuzzers share a library of their own, built with their sanitizers.
FUZZ_CFLAGS = -std=gnu11 -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all
FUZZ_OBJ := $(LIB_SRC:%.c=$(O)/fuzz/lib/%.o)
$(O)/fuzz/lib/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(CPPFLAGS) $(FUZZ_CFLAGS) -fsanitize=fuzzer-no-link -MMD -MP -c -o $@ $<

$(O)/fuzz/lib/liblattice.a: $(FUZZ_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcsD $@ $^

$(O)/fuzz/%: tests/fuzz/%.c $(O)/fuzz/lib/liblattice.a
	$(call say,FUZZ,$@)
	$(Q)$(CLANG) $(CPPFLAGS) $(FUZZ_CFLAGS) -fsanitize=fuzzer -MMD -MP -o $@ $< \
		$(O)/fuzz/lib/liblattice.a $(LIBS)

# Tools that tests run inside namespaces and the VM.
NL_SRC   := $(sort $(wildcard tests/vm/nl*.c))
$(O)/tests/nl: $(NL_SRC) $(wildcard tests/vm/*.h) include/uapi/linux/lattice.h $(O)/liblattice.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(LINK) $(CPPFLAGS) -o $@ $(NL_SRC) $(O)/liblattice.a -lmnl

$(O)/tests/load: tests/load/load.c
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(LINK) $(CPPFLAGS) -o $@ $<

$(O)/tests/seed $(O)/tests/create: $(O)/tests/%: tests/load/%.c $(O)/liblattice.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(LINK) $(CPPFLAGS) -rdynamic -o $@ $< $(O)/liblattice.a $(LIBS)

$(O)/tests/load-tls: tests/load/tls.c
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(LINK) $(CPPFLAGS) -o $@ $< -lssl -lcrypto

BENCH_KMOD_SRC := $(sort $(wildcard tests/bench/kmod*.c)) tests/vm/nl_talk.c
$(O)/tests/bench-kmod: $(BENCH_KMOD_SRC) tests/bench/kmod.h tests/vm/nl_talk.h \
		include/uapi/linux/lattice.h $(O)/liblattice.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(LINK) $(CPPFLAGS) -o $@ $(BENCH_KMOD_SRC) $(O)/liblattice.a -lmnl -lnftables -lm

$(O)/tests/nl-%: tests/vm/%.c tests/vm/nl_talk.c tests/vm/nl_talk.h $(O)/liblattice.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(LINK) $(CPPFLAGS) -pthread -o $@ $< tests/vm/nl_talk.c $(O)/liblattice.a -lmnl

units: $(UNIT)
tools: $(O)/tests/nl $(O)/tests/nl-fault $(O)/tests/nl-fuzz $(O)/tests/nl-swap
fuzzers: $(FUZZ)

# The module is built from a copy, so that the tree stays clean.
kmod:	## build the kernel module (KDIR=… for another kernel)
	$(if $(KDIR),,$(error no kernel headers: install linux-headers-amd64 or set KDIR))
	@mkdir -p $(O)/kmod
	@cp -ru --preserve=timestamps Kbuild kmod include $(O)/kmod/
	$(Q)$(MAKE) -C $(KDIR) O= M=$(abspath $(O))/kmod W=1 \
		$(if $(WERROR),KCFLAGS=-Werror) $(KFLAGS) modules $(if $(V),,-s)
	@cp $(O)/kmod/kmod/lattice.ko $(O)/lattice.ko

# The floor that bench-kmod measures beside the module.
$(O)/empty_hook.ko: kmod
	$(Q)$(MAKE) -C $(KDIR) O= M=$(abspath $(O))/kmod/kmod/bench W=1 $(KFLAGS) modules $(if $(V),,-s)
	@cp $(O)/kmod/kmod/bench/empty_hook.ko $@

check:	## build and run all tests; the last line is the tally (ALSO=vm-debug)
	@scripts/check $(ALSO:%=+%)

unit: ## run the unit tests
	@scripts/check unit

# Folders whose every branch a unit test takes, and those that they need.
COVERED = auth
COVERED_SRC = $(sort $(wildcard ctl/base/*.c ctl/io/*.c ctl/http/*.c ctl/auth/*.c))
coverage: ## run the tests of ctl/auth, which must take every branch of it
	@$(MAKE) $(if $(V),,-s) O=build/cov CFLAGS='-O0 -g --coverage -DNDEBUG' HARDEN= \
		LIB_SRC='$(COVERED_SRC)' $(patsubst tests/%.c,build/cov/%,$(wildcard $(COVERED:%=tests/unit/%/*.c)))
	@O=build/cov scripts/coverage $(COVERED)

bench-control: ctl $(O)/tests/seed $(O)/tests/create ## measure the control plane (root; SERVICES=, RULES=, TARGETS=)
	@scripts/bench-control

tidy:	## check the house style
	@scripts/tidy

every: ## build the module against every kernel header package of Debian (root)
	@scripts/build-every

demo: ## build everything and run the main job, narrated
	@scripts/demo

cases: ## run the product's cases natively (root)
	@scripts/check build cases

vm: ## run the tests that need the module, in a VM
	@scripts/check vm

vm-debug: ## the same on a kernel that watches (KASAN, lockdep, kmemleak), built once
	@scripts/check vm-debug

bench: ctl $(O)/tests/load $(O)/tests/load-tls ## CPU a request, beside HAProxy and nginx (root; ROUNDS=10, CASES)
	@tests/load/bench

bench-kmod: ## instructions that the module and its peers cost, in a VM
	@scripts/bench-kmod

fuzz: ## run each fuzzer (FUZZ_SECONDS=60)
	@FUZZ_SECONDS=$${FUZZ_SECONDS:-60} scripts/check fuzz

MODDIR   = $(DESTDIR)/lib/modules/$(notdir $(patsubst %/build,%,$(KDIR)))/updates
install: all ## install programs, module, header, manuals and unit (PREFIX, DESTDIR)
	install -D -m 755 $(O)/latticed $(DESTDIR)$(PREFIX)/sbin/latticed
	install -D -m 755 $(O)/latticectl $(DESTDIR)$(PREFIX)/bin/latticectl
	install -D -m 644 $(O)/lattice.ko $(MODDIR)/lattice.ko
	install -D -m 644 include/uapi/linux/lattice.h $(DESTDIR)$(PREFIX)/include/linux/lattice.h
	for m in ctl/man/*.[1-8]; do \
		install -D -m 644 $$m $(DESTDIR)$(PREFIX)/share/man/man$${m##*.}/$${m##*/} || exit 1; done
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions $(DESTDIR)$(PREFIX)/share/zsh/site-functions
	$(O)/latticectl completion bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/latticectl
	$(O)/latticectl completion zsh > $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_latticectl
	sed 's,/usr/local,$(PREFIX),' ctl/dist/latticed.service | \
		install -D -m 644 /dev/stdin $(DESTDIR)/lib/systemd/system/latticed.service
	install -D -m 644 ctl/dist/lattice.sysusers $(DESTDIR)/usr/lib/sysusers.d/lattice.conf
	install -D -m 644 ctl/dist/lattice.logrotate $(DESTDIR)/etc/logrotate.d/lattice
	$(if $(DESTDIR),,depmod -a $(notdir $(patsubst %/build,%,$(KDIR))))

uninstall: ## remove what install put there
	rm -f $(DESTDIR)$(PREFIX)/sbin/latticed $(DESTDIR)$(PREFIX)/bin/latticectl $(MODDIR)/lattice.ko \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/latticectl \
		$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_latticectl \
		$(DESTDIR)$(PREFIX)/include/linux/lattice.h $(DESTDIR)/lib/systemd/system/latticed.service \
		$(DESTDIR)/usr/lib/sysusers.d/lattice.conf $(DESTDIR)/etc/logrotate.d/lattice
	for m in ctl/man/*.[1-8]; do rm -f $(DESTDIR)$(PREFIX)/share/man/man$${m##*.}/$${m##*/}; done

DKMSDIR = $(DESTDIR)/usr/src/lattice-$(shell sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' kmod/dkms.conf)
dkms: ## copy the module's sources to /usr/src for dkms
	install -d $(DKMSDIR)
	cp -r Kbuild kmod include $(DKMSDIR)/
	cp kmod/dkms.conf $(DKMSDIR)/dkms.conf

clean:	## remove what was built
	rm -rf $(O)

help:	## this text
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "%-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

.PHONY: all ctl kmod units tools fuzzers check unit coverage tidy bench bench-control bench-kmod every cases \
	vm vm-debug fuzz demo install uninstall dkms clean help
.DELETE_ON_ERROR:
-include $(LIB_OBJ:.o=.d) $(DAEMON_OBJ:.o=.d) $(TOOL_OBJ:.o=.d) $(UNIT:=.d) $(FUZZ_OBJ:.o=.d) $(FUZZ:=.d)
