/* SPDX-License-Identifier: Apache-2.0 */
/* The two clocks. Modules that need time take it as an argument; only edges read it here. */
#ifndef LATTICE_BASE_CLOCK_H
#define LATTICE_BASE_CLOCK_H

#include <stdint.h>

uint64_t clock_mono_ms(void);
uint64_t clock_mono_us(void);
uint64_t clock_wall_ms(void);
uint64_t clock_wall_us(void);

#endif
