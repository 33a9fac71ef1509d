/* SPDX-License-Identifier: Apache-2.0 */
/* Starting a function's process, with the environment that Lambda gives it. */
#ifndef LATTICE_LATTICECTL_LAMBDA_PROCESS_H
#define LATTICE_LATTICECTL_LAMBDA_PROCESS_H

#include "latticectl/lambda_runtime.h"

pid_t lambda_process_start(const struct lambda_config *config, uint16_t port);

#endif
