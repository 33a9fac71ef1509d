#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# latticectl apply on what templates of the CDK leave out or add: names are made, imports given, groups and log
# subscriptions made, changed in place or anew, and taken back.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/daemon.sh
trap daemon_cleanup EXIT

template=tests/cases/templates/edge.template.json
same() { if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "$3"; fi; }
edge() { ctl_json "$1" -f "$template" "${given[@]}" "${@:2}"; }
actions() { edge diff | jq -r '[.plan[] | select(.action != "keep" and .action != "skip") | .action + " " + .resource] | join(", ")'; }
name() { ctl_json service list | jq -r '.items[].name'; }

daemon_start || { not_ok "the daemon starts" "$(cat "$dir/log")"; done_testing; exit 1; }
ctl vpc add blue --netns "lt$$-none" >/dev/null
ctl network create base >/dev/null
network=$(ctl_json network show base | jq -r .arn)
ctl security-group create other --vpc blue >/dev/null
other=$(ctl_json security-group show other | jq -r .id)

check "an import without a value says how to give it" bash -c \
	"build/latticectl diff -f $template 2>&1 | grep -q 'Fn::ImportValue: give Base-.* a value: --set Base-'"
given=(--set "Base-Network=$network" --set Base-Logs=arn:aws:s3:::logs-of-edge/a)
same "everything is planned" "create CartServiceF00D, create Join, create Web, create Logs, create JoinVpc" "$(actions)"
if edge apply >"$dir/made"; then ok "and made"; else not_ok "and made"; fi
same "other types are skipped" "Bucket CDKMetadata" "$(jq -r '[.plan[] | select(.action == "skip").resource] | sort | join(" ")' "$dir/made")"
check "a name is made" grep -qE '^edge-cartservicef0-[0-9a-z]{12}$' <<<"$(name)"
same "a map is looked into" 90 "$(ctl_json service show "$(name)" | jq .idleTimeoutSeconds)"
check "what only tells is left out" grep -q "^$(name)-.*on.aws$" <<<"$(jq -r .outputs.Name "$dir/made")"
same "a subscription knows its service" "$(ctl_json service show "$(name)" | jq -r .id)" "$(jq -r .outputs.LogsOf "$dir/made")"
web=$(ctl_json security-group list | jq -r '.items[] | select(.name != "other").id')
same "a group of EC2's has those rules that are about TCP" '["10.0.0.0/8:80-443","fd00::/8:1-65535"]' \
	"$(ctl_json security-group show "$web" | jq -c '[.ingress[] | "\(.cidr):\(.fromPort)-\(.toPort)"]')"
same "the association has its group" "$web" "$(ctl_json association show --network base --vpc blue | jq -r '.securityGroupIds[]')"
check "then there is nothing to do" edge diff
was=$(name)

given=(--set "Base-Network=$network" --set "Web.GroupId=$other" --set Base-Logs=arn:aws:s3:::other-bucket/a)
same "groups and destinations change in place" "update Logs, update JoinVpc" "$(actions)"
check "when applied" edge apply
same "to the other group" "$other" "$(ctl_json association show --network base --vpc blue | jq -r '.securityGroupIds[]')"
same "and the other bucket" arn:aws:s3:::other-bucket/a \
	"$(ctl_json api ListAccessLogSubscriptions "{\"resourceIdentifier\":\"$(ctl_json service show "$was" | jq -r .id)\"}" | jq -r '.items[].destinationArn')"
same "the made name stays" "$was" "$(name)"
check "then there is nothing to do again" edge diff

jq '.Resources.Bad = {"Type": "AWS::VpcLattice::Service", "DependsOn": ["Logs", "JoinVpc"], "Properties": {"Name": "Bad"}}' $template >"$dir/edge.template.json"
template=$dir/edge.template.json
given=(--set "Base-Network=$network" --set Base-Logs=arn:aws:s3:::third-bucket/a)
check "what fails later" bash -c "! build/latticectl apply -f $template ${given[*]} 2>/dev/null"
same "takes the group back" "$other" "$(ctl_json association show --network base --vpc blue | jq -r '.securityGroupIds[]')"
jq 'del(.Resources[]) | del(.Outputs)' "$template" >"$dir/next" && mv "$dir/next" "$template"
given=(--set "Base-Network=$network" --set "Web.GroupId=$other" --set Base-Logs=arn:aws:s3:::other-bucket/a)
jq '.Resources.Web.Properties.SecurityGroupIngress = [{"SourceSecurityGroupId": "sg-1", "IpProtocol": "tcp"}]' \
	tests/cases/templates/edge.template.json >"$dir/edge2.template.json"
check "a rule for another group is refused" bash -c \
	"build/latticectl diff -f $dir/edge2.template.json --stack edge ${given[*]} 2>&1 | grep -q 'Web: SecurityGroupIngress\[0\]'"
jq '.Resources.Web.Properties.SecurityGroupIngress |= .[:1]' tests/cases/templates/edge.template.json >"$dir/edge2.template.json"
check "a group changes in place" grep -q '"action":"update","resource":"Web"' \
	<(ctl_json diff -f "$dir/edge2.template.json" --stack edge "${given[@]}")
check "a stack without resources is deleted" edge apply --prune
same "and nothing is left" '' "$(name)"
same "but what was there" 0 "$(ctl_json network show base | jq '.numberOfAssociatedServices + .numberOfAssociatedVPCs')"
done_testing
