/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates by what people call them. */
#ifndef LATTICE_LATTICECTL_CERTIFICATE_H
#define LATTICE_LATTICECTL_CERTIFICATE_H

#include "latticectl/session.h"

/* Add to @members as @label the ARN of the certificate that @text, an ARN, id or name, names. */
enum exit_status certificate_resolve(struct session *s, const char *text, const char *label,
				     struct cJSON *members);

#endif
