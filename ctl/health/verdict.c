/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A target that is new is healthy after one good check; one that was unhealthy needs as many in a
 * row as the threshold says. Bad checks count the same for both.
 */
#include "health/verdict.h"

/* Take in one more check. True: the health is another one now. */
bool verdict_add(struct verdict *v, const struct snap_health_check *c, bool has_passed)
{
	bool agrees = has_passed == (v->health == HEALTH_HEALTHY);
	unsigned needed = c->unhealthy_threshold;

	if (agrees && v->health != HEALTH_INITIAL) {
		v->streak = 0;
		return false;
	}
	if (has_passed)
		needed = v->health == HEALTH_INITIAL ? 1 : c->healthy_threshold;
	if (++v->streak < needed)
		return false;
	v->health = has_passed ? HEALTH_HEALTHY : HEALTH_UNHEALTHY;
	v->streak = 0;
	return true;
}
