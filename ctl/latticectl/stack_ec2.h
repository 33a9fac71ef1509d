/* SPDX-License-Identifier: Apache-2.0 */
/* Types that CloudFormation has of EC2, as our own operations take them. */
#ifndef LATTICE_LATTICECTL_STACK_EC2_H
#define LATTICE_LATTICECTL_STACK_EC2_H

#include "latticectl/stack.h"

/* Turn the @members of @step, if it is of EC2, into ours. What cannot be is said. */
enum exit_status stack_ec2_settle(const struct stack_step *step, struct cJSON *members);

#endif
