/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The peer of the module that does as little: a BPF program on the socket look-up, which finds
 * (address, port) in a hash of sockets and assigns what is there.
 */
#include "kmod.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define INSN(code_, dst, src, off_, imm_)     \
	((struct bpf_insn){ .code = (code_),  \
			    .dst_reg = (dst), \
			    .src_reg = (src), \
			    .off = (off_),    \
			    .imm = (imm_) })

struct key {
	uint32_t addr; /* network order */
	uint32_t port;
};

static int map_fd = -1, link_fd = -1;

static int bpf(enum bpf_cmd cmd, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

static int make_map(int listener)
{
	union bpf_attr create = { .map_type = BPF_MAP_TYPE_SOCKHASH,
				  .key_size = sizeof(struct key),
				  .value_size = sizeof(uint64_t),
				  .max_entries = 16 };
	union bpf_attr update = { 0 };
	struct key key = { .port = BENCH_PORT };
	uint64_t value = (uint64_t)listener;

	inet_pton(AF_INET, BENCH_ADDR4, &key.addr);
	map_fd = bpf(BPF_MAP_CREATE, &create);
	update.map_fd = (uint32_t)map_fd;
	update.key = (uintptr_t)&key;
	update.value = (uintptr_t)&value;
	if (map_fd < 0 || bpf(BPF_MAP_UPDATE_ELEM, &update)) {
		perror("sk_lookup: map");
		return -1;
	}
	return 0;
}

static int load_program(void)
{
	const int16_t addr = offsetof(struct bpf_sk_lookup, local_ip4);
	const int16_t port = offsetof(struct bpf_sk_lookup, local_port);
	const struct bpf_insn program[] = {
		INSN(BPF_ALU64 | BPF_MOV | BPF_X, 6, 1, 0, 0),
		/* the key, on the stack */
		INSN(BPF_LDX | BPF_MEM | BPF_W, 2, 6, addr, 0),
		INSN(BPF_STX | BPF_MEM | BPF_W, 10, 2, -8, 0),
		INSN(BPF_LDX | BPF_MEM | BPF_W, 2, 6, port, 0),
		INSN(BPF_STX | BPF_MEM | BPF_W, 10, 2, -4, 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_X, 2, 10, 0, 0),
		INSN(BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, -8),
		INSN(BPF_LD | BPF_IMM | BPF_DW, 1, BPF_PSEUDO_MAP_FD, 0, map_fd),
		INSN(0, 0, 0, 0, 0),
		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem),
		INSN(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 7, 0),
		/* assign and let go */
		INSN(BPF_ALU64 | BPF_MOV | BPF_X, 7, 0, 0, 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_X, 1, 6, 0, 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_X, 2, 7, 0, 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 3, 0, 0, 0),
		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_sk_assign),
		INSN(BPF_ALU64 | BPF_MOV | BPF_X, 1, 7, 0, 0),
		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_sk_release),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, SK_PASS),
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};
	static char log[65536];
	union bpf_attr load = { .prog_type = BPF_PROG_TYPE_SK_LOOKUP,
				.insn_cnt = sizeof(program) / sizeof(*program),
				.log_size = sizeof(log),
				.log_level = 1 };
	int fd;

	load.expected_attach_type = BPF_SK_LOOKUP;
	load.insns = (uintptr_t)program;
	load.license = (uintptr_t) "GPL";
	load.log_buf = (uintptr_t)log;
	fd = bpf(BPF_PROG_LOAD, &load);
	if (fd < 0)
		fprintf(stderr, "sk_lookup: program: %m\n%s", log);
	return fd;
}

int lookup_begin(const struct way *way, int listener)
{
	int net = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), program;
	union bpf_attr link = { 0 };

	(void)way;
	if (make_map(listener))
		return -1;
	program = load_program();
	link.link_create.prog_fd = (uint32_t)program;
	link.link_create.target_fd = (uint32_t)net;
	link.link_create.attach_type = BPF_SK_LOOKUP;
	link_fd = program < 0 ? -1 : bpf(BPF_LINK_CREATE, &link);
	if (link_fd < 0)
		perror("sk_lookup: link");
	close(program);
	close(net);
	return link_fd < 0 ? -1 : 0;
}

void lookup_end(const struct way *way)
{
	(void)way;
	close(link_fd);
	close(map_fd);
}
