#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Reads OpenMetrics text from standard input with the reference parser, which refuses what is not to the
letter of the format, and prints each sample as "NAME{LABEL=VALUE,...} VALUE", labels sorted."""
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families

for family in text_string_to_metric_families(sys.stdin.read()):
    assert family.documentation, family.name
    for s in family.samples:
        labels = ','.join(f'{k}={v}' for k, v in sorted(s.labels.items()))
        print(f'{s.name}{{{labels}}} {s.value:g}')
