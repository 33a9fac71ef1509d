/* SPDX-License-Identifier: Apache-2.0 */
/* Reading an element of a statement: 0, or -1 when the document was refused. */
#ifndef LATTICE_AUTH_POLICY_ELEMENTS_H
#define LATTICE_AUTH_POLICY_ELEMENTS_H

struct cJSON;
struct policy_reader;
struct policy_statement;

int policy_elements_read_principal(struct policy_reader *p, const struct cJSON *value,
				   struct policy_statement *s);
int policy_elements_read_not_principal(struct policy_reader *p, const struct cJSON *value,
				       struct policy_statement *s);
int policy_elements_read_action(struct policy_reader *p, const struct cJSON *value,
				struct policy_statement *s);
int policy_elements_read_not_action(struct policy_reader *p, const struct cJSON *value,
				    struct policy_statement *s);
int policy_elements_read_resource(struct policy_reader *p, const struct cJSON *value,
				  struct policy_statement *s);
int policy_elements_read_not_resource(struct policy_reader *p, const struct cJSON *value,
				      struct policy_statement *s);
int policy_elements_read_conditions(struct policy_reader *p, const struct cJSON *value,
				    struct policy_statement *s);

#endif
