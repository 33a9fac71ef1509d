#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every wrong request gets an errno and words, and changes nothing.
cd "$(dirname "$0")/../.." || exit 1
exec unshare -n build/tests/nl misuse
