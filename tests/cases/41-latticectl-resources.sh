#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# latticectl on everything that a service is made of: by names, with tags, waiting, and completed by a shell.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/daemon.sh
trap daemon_cleanup EXIT

# is NAME WANTED COMMAND…: the command prints just that.
# completed WORDS…: what a shell offers in the place of the last, on one line.
completed() { build/latticectl __complete "$@" 2>/dev/null | sort | tr '\n' ' ' | sed 's/ $//'; }

rules() { ctl_json rule list --service cart --listener http-80 | jq -r '.items | map(.name) | join(" ")'; }
rule() { ctl_json rule show --service cart --listener http-80 "$1" | jq -c "$2"; }

daemon_start || { not_ok "the daemon starts" "$(cat "$dir/log")"; done_testing; exit 1; }
ctl vpc add blue --netns "lt$$-none" >/dev/null
ctl network create shop >/dev/null
ctl service create cart --custom-domain cart.example.com --idle-timeout 90 >/dev/null
ctl target-group create cart-v1 --vpc blue --port 8080 >/dev/null
ctl target-group create cart-v2 --vpc blue --port 8080 >/dev/null
ctl listener create --service cart --protocol HTTP --forward cart-v1 >/dev/null

of=(--service cart --listener http-80)
check "a rule is created by names" ctl rule create "${of[@]}" --priority 10 --method GET --path-prefix /v2 \
	--header x-beta=yes --header 'user-agent*=curl' --case-sensitive --forward cart-v2:3 --forward cart-v1:1 beta
is "it matches what was said" \
	'{"httpMatch":{"method":"GET","pathMatch":{"match":{"prefix":"/v2"},"caseSensitive":true},"headerMatches":[{"name":"x-beta","match":{"exact":"yes"},"caseSensitive":true},{"name":"user-agent","match":{"contains":"curl"},"caseSensitive":true}]}}' \
	rule beta .match
check "another comes before it" ctl rule create "${of[@]}" --priority 5 --path /health --fixed-response 404 closed
is "rules are listed in their order" "closed beta default" rules
check "a rule changes its priority" ctl rule update "${of[@]}" beta --priority 1
is "and the order follows" "beta closed default" rules
is "what an update does not name stays" 3 rule beta '.action.forward.targetGroups[0].weight'
check "a rule is deleted by name" ctl rule delete "${of[@]}" closed
is "it is gone" "beta default" rules
check "a rule without a match is refused" bash -c \
	"build/latticectl rule create --service cart --listener http-80 --priority 2 --fixed-response 404 all 2>&1 | grep -q 'path-prefix'"

check "a service is updated" ctl service update cart --idle-timeout 120
is "by name" 120 bash -c "build/latticectl -o json service show cart | jq .idleTimeoutSeconds"
check "a network is updated" ctl network update shop --auth-type NONE
check "a health check is updated" ctl target-group update cart-v1 --health-path /ready --health-codes 200-299 --health-interval 7
is "by its settings" '["/ready","200-299",7]' bash -c "build/latticectl -o json target-group show cart-v1 |
	jq -c '.config.healthCheck | [.path, .matcher.httpCode, .healthCheckIntervalSeconds]'"

check "a VPC joins by name" ctl association create --network shop --vpc blue
check "a service joins by name" ctl association create --network shop --service cart
check "a VPC leaves by name" ctl association delete --network shop --vpc blue
check "a service leaves by name" ctl association delete --network shop --service cart
check "what did not join cannot leave" bash -c \
	"build/latticectl association delete --network shop --service cart 2>&1 | grep -q 'not associated'"

check "a mistyped name suggests the nearest" bash -c \
	"build/latticectl service show crat 2>&1 | grep -q \"did you mean 'cart'\""

check "tags are added" ctl tag add service/cart team=shop 'note=a b'
is "and listed" '{"note":"a b","team":"shop"}' bash -c "build/latticectl -o json tag list service/cart | jq -cS .tags"
check "tags are removed" ctl tag remove service/cart note
is "and gone" '{"team":"shop"}' bash -c "build/latticectl -o json tag list service/cart | jq -cS .tags"

check "an active service is not waited for" ctl wait service/cart active --timeout 5
check "waiting ends at its time" bash -c "! build/latticectl wait target-group/cart-v1 healthy --timeout 0 2>/dev/null"
ctl service create gone-soon >/dev/null
ctl wait service/gone-soon gone --timeout 20 &
waiter=$!
ctl service delete gone-soon >/dev/null
if wait $waiter; then ok "waiting ends when a service is gone"; else not_ok "waiting ends when a service is gone"; fi

is "nouns are completed" "security-group service share status" completed s
is "verbs are completed" "show" completed service sh
is "names are completed" "cart-v1 cart-v2" completed target-group show cart
is "an option's value is completed" "cart" completed rule list --service ''
is "names in a service are completed" "http-80" completed listener show --service cart ''
is "names in a listener are completed" "beta default" completed rule show --service cart --listener http-80 ''
is "options are completed" "--listener --service" completed rule show --
is "alternatives are completed" "AWS_IAM NONE" completed network update shop --auth-type ''
is "paths are completed" "service/cart" completed tag add service/
is "operations are completed" "UpdateListener" completed api UpdateL
done_testing
