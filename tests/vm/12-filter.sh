#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Security groups: who is admitted, by source and port, and what the others are told. Runs in the VM.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/steered.sh
steered_pair

# with RULES…: a server with these rules, in place of the one before.
with() {
	[ -z "$server" ] || stop_serving
	serve "$blue" 1 "$@" 169.254.171.7 80 169.254.171.7 443 fd00:ec2:80::7 80
}

with --rule 10.0.0.2 32 80 80
check "admits the source and port of a rule" get "$behind" http://169.254.171.7/
check "refuses the same source on another port" refused "$behind" http://169.254.171.7:443/
check "refuses another source" refused "$blue" http://169.254.171.7/
check "a rule of IPv4 admits no IPv6" refused "$behind" 'http://[fd00:ec2:80::7]/'
filtered() { [ "$(counter 2)" = 3 ]; }
check "what a filter refuses is counted" filtered
by_service() { in_blue $nl services | tr '\n' ,; }
check "for its service too" test "$(by_service)" = '0 1 0 1,1 0 0 1,2 0 0 1,'
told() { dmesg | grep -q 'refused 10.0.0.1:.* > 169.254.171.7:80 proto 6: no security group rule admits it'; }
check "and told in dmesg" wait_for 5 told
check "the rules can be read back" grep -q '^rule 10.0.0.2 32 80 80$' <(in_blue $nl dump)

with --rule 0.0.0.0 0 1 65535
check "0.0.0.0/0 admits every IPv4 client" get "$blue" http://169.254.171.7:443/
check "and no IPv6 client" refused "$blue" 'http://[fd00:ec2:80::7]/'
with --rule :: 0 80 80
check "::/0 admits every IPv6 client" get "$behind" 'http://[fd00:ec2:80::7]/'
check "and no IPv4 client" refused "$behind" http://169.254.171.7/
with --rule 2001:db8::2 127 80 80 --rule 10.0.0.0 31 443 443
check "an odd prefix admits whom it covers" get "$behind" 'http://[fd00:ec2:80::7]/'
check "and nobody beside it" refused "$blue" 'http://[fd00:ec2:80::7]/'
check "the second rule is asked as well" get "$blue" http://169.254.171.7:443/
check "and covers 10.0.0.1 but not 10.0.0.2" refused "$behind" http://169.254.171.7:443/
with --closed
check "a filter without rules admits nobody" refused "$blue" http://169.254.171.7/
with
check "no filter admits everyone" get "$behind" 'http://[fd00:ec2:80::7]/'
done_testing
