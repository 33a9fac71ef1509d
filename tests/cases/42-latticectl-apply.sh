#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# latticectl apply: a CloudFormation template makes a stack, again changes nothing, changed changes that alone, takes
# back everything when it fails, and prunes what is no longer wanted.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/wait.sh
. tests/lib/daemon.sh
trap daemon_cleanup EXIT

template=tests/cases/templates/shop.template.json

# is NAME WANTED COMMAND…: the command prints just that.
# edited JQ: the template with a change, in a file of the same stack.
edited() { jq "$1" $template >"$dir/shop.template.json" && echo "$dir/shop.template.json"; }
actions() { ctl_json diff -f "$1" --set Vpc=blue "${@:2}" | jq -r '[.plan[] | select(.action != "keep" and .action != "skip") | .action + " " + .resource] | join(", ")'; }
everything() {
	ctl_json network list | jq -c '[.items[].name] | sort'
	ctl_json service list | jq -c '[.items[].name] | sort'
	ctl_json target-group list | jq -c '[.items[].name] | sort'
}

daemon_start || { not_ok "the daemon starts" "$(cat "$dir/log")"; done_testing; exit 1; }
ctl vpc add blue --netns "lt$$-none" >/dev/null
empty=$(everything)

check "a parameter without a value is refused" bash -c "! build/latticectl apply -f $template 2>&1 | grep -qv 'parameter Vpc needs a value'"
is "diff shows what would be made, in order" \
	"create Network, create Cart, create V1, create V2, create Listener, create Beta1, create JoinService, create JoinVpc" \
	actions $template
is "and makes nothing" "$empty" everything
if ctl_json apply -f $template --set Vpc=blue >"$dir/made"; then ok "a stack is made"; else not_ok "a stack is made"; fi
is "other types are skipped by name" "Bucket CDKMetadata" \
	jq -r '[.plan[] | select(.action == "skip") | .resource] | sort | join(" ")' "$dir/made"
is "outputs are said" "cart-123456789012 in us-east-1 of shop" jq -r .outputs.Where "$dir/made"
id=$(ctl_json service show cart-123456789012 | jq -r .id)
is "functions are followed" "$id" jq -r .outputs.Last "$dir/made"
of=(--service cart-123456789012 --listener http)
is "the listener forwards by weight" '[90,10]' \
	bash -c "build/latticectl -o json listener show --service cart-123456789012 http | jq -c '[.defaultAction.forward.targetGroups[].weight]'"
is "the rule matches what was written" '["/aws/beta",true,"yes"]' bash -c "build/latticectl -o json rule show ${of[*]} beta |
	jq -c '.match.httpMatch | [.pathMatch.match.prefix, .pathMatch.caseSensitive, .headerMatches[0].match.exact]'"
is "targets are registered" '["10.0.0.2:8080","10.0.0.3:81"]' \
	bash -c "build/latticectl -o json target list cart-v1 | jq -c '[.items[] | select(.status | test(\"DRAINING\") | not) | \"\(.id):\(.port)\"] | sort'"
is "the network has them all" '[1,1]' \
	bash -c "build/latticectl -o json network show shop-net | jq -c '[.numberOfAssociatedVPCs, .numberOfAssociatedServices]'"
check "diff finds nothing to do" ctl diff -f $template --set Vpc=blue
check "again is as once" ctl apply -f $template --set Vpc=blue
is "and nothing was made anew" "$id" bash -c "build/latticectl -o json service show cart-123456789012 | jq -r .id"

changed=$(edited '.Resources.V1.Properties.Targets = [{"Id": "10.0.0.9"}] | .Resources.V1.Properties.Config.HealthCheck.Path = "/live"
	| .Resources.Network.Properties.Tags = [{"Key": "team", "Value": "other"}] | .Resources.Beta1.Properties.Priority = 20
	| .Resources.Cart.Properties.IdleTimeoutSeconds = 120')
is "diff names what changed" "update Network, update Cart, update V1, update Listener, update Beta1" \
	actions "$changed" --set Weight=50
check "changes are applied" ctl apply -f "$changed" --set Vpc=blue --set Weight=50
is "to the weights" '[50,10]' \
	bash -c "build/latticectl -o json listener show --service cart-123456789012 http | jq -c '[.defaultAction.forward.targetGroups[].weight]'"
is "to the targets" '["10.0.0.9:8080"]' \
	bash -c "build/latticectl -o json target list cart-v1 | jq -c '[.items[] | select(.status | test(\"DRAINING\") | not) | \"\(.id):\(.port)\"] | sort'"
is "to the health check" '"/live"' bash -c "build/latticectl -o json target-group show cart-v1 | jq -c .config.healthCheck.path"
is "to the tags" other bash -c "build/latticectl -o json tag list network/shop-net | jq -r .tags.team"
is "to the rule" 20 bash -c "build/latticectl -o json rule show ${of[*]} beta | jq .priority"
check "and then there is nothing to do" ctl diff -f "$changed" --set Vpc=blue --set Weight=50

before=$(everything; ctl_json rule show "${of[@]}" beta | jq -c 'del(.lastUpdatedAt)'; ctl_json tag list network/shop-net | jq -cS .)
failing=$(edited '.Resources.Beta1.Properties.Priority = 30 | .Resources.V1.Properties.Targets = [{"Id": "10.0.0.4"}, {"Id": "127.0.0.1"}]
	| .Resources.Extra = {"Type": "AWS::VpcLattice::Service", "Properties": {"Name": "extra"}}
	| .Resources.Bad = {"Type": "AWS::VpcLattice::Service", "DependsOn": ["Extra", "Beta1"], "Properties": {"Name": "Not a name"}}')
check "a template that fails is refused by the resource" bash -c \
	"build/latticectl apply -f $failing --set Vpc=blue 2>&1 | grep -q 'V1: target 127.0.0.1'"
failing=$(edited '.Resources.Beta1.Properties.Priority = 30 | .Resources.Network.Properties.Tags = [{"Key": "new", "Value": "x"}]
	| .Resources.Extra = {"Type": "AWS::VpcLattice::Service", "Properties": {"Name": "extra"}}
	| .Resources.Bad = {"Type": "AWS::VpcLattice::Service", "DependsOn": ["Extra", "Beta1"], "Properties": {"Name": "Not a name"}}')
check "and by the field" bash -c "build/latticectl apply -f $failing --set Vpc=blue 2>&1 | grep -q 'field: name'"
is "all that it did is undone" "$before" bash -c ':; '"$(declare -f everything ctl ctl_json); of=(${of[*]}); everything; "'
	ctl_json rule show "${of[@]}" beta | jq -c "del(.lastUpdatedAt)"; ctl_json tag list network/shop-net | jq -cS .'

less=$(edited 'del(.Resources.JoinVpc, .Resources.V2, .Resources.Beta1) | .Resources.Listener.Properties.DefaultAction.Forward.TargetGroups |= .[:1]')
is "what is no longer wanted is left unless pruned" "update Network, update Cart, update V1, update Listener, leave JoinVpc, leave Beta1, leave V2" actions "$less"
check "with --prune it is deleted" ctl apply -f "$less" --set Vpc=blue --prune
is "and only that" '["cart-v1"]' bash -c "build/latticectl -o json target-group list | jq -c '[.items[].name]'"
renamed=$(edited '.Resources.JoinService.Properties.ServiceNetworkIdentifier = {"Ref": "Other"}
	| .Resources.Other = {"Type": "AWS::VpcLattice::ServiceNetwork", "Properties": {"Name": "other-net"}} | del(.Resources.JoinVpc, .Resources.V2, .Resources.Beta1)
	| .Resources.Listener.Properties.DefaultAction.Forward.TargetGroups |= .[:1]')
is "what only a new one can have makes a new one" "create Other, replace JoinService" actions "$renamed"
check "which takes its place" ctl apply -f "$renamed" --set Vpc=blue
is "in the other network" 1 bash -c "build/latticectl -o json network show other-net | jq .numberOfAssociatedServices"
check "a resource that others hang on is not replaced" bash -c \
	"build/latticectl diff -f <(jq '.Resources.Cart.Properties.Name = \"trolley\"' $template) --stack shop --set Vpc=blue 2>&1 | grep -q 'Cart: .*another logical id'"
guarded=$(edited '.Resources.JoinService.Properties.ServiceNetworkIdentifier = {"Ref": "Other"} | del(.Resources.JoinVpc, .Resources.V2, .Resources.Beta1)
	| .Resources.Other = {"Type": "AWS::VpcLattice::ServiceNetwork", "Properties": {"Name": "other-net"}}
	| .Resources.Listener.Properties.DefaultAction.Forward.TargetGroups |= .[:1]
	| .Resources.Guard = {"Type": "AWS::VpcLattice::AuthPolicy", "Properties": {"ResourceIdentifier": {"Fn::GetAtt": ["Cart", "Arn"]},
		"Policy": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": {"Ref": "AWS::AccountId"}},
		"Action": "*", "Resource": {"Fn::Sub": "${Cart.Arn}/*"}}]}}}')
is "a policy is a resource" "create Guard" actions "$guarded"
check "and is made" ctl apply -f "$guarded" --set Vpc=blue
is "as text, with its references" '"arn:aws:vpc-lattice:us-east-1:123456789012:service/svc-ID/*"' bash -c \
	"build/latticectl -o json auth-policy get service/cart-123456789012 | jq -c '.policy | fromjson | .Statement[0].Resource' | sed 's/svc-[0-9a-f]*/svc-ID/'"
check "then there is nothing to do" ctl diff -f "$guarded" --set Vpc=blue
jq '.Resources.Guard.Properties.Policy.Statement[0].Effect = "Deny"' "$guarded" >"$dir/next" && mv "$dir/next" "$guarded"
is "it changes" "update Guard" actions "$guarded"
check "in place" ctl apply -f "$guarded" --set Vpc=blue
is "to what the template says" Deny bash -c "build/latticectl -o json auth-policy get service/cart-123456789012 | jq -r '.policy | fromjson | .Statement[0].Effect'"
jq 'del(.Resources.Guard)' "$guarded" >"$dir/next" && mv "$dir/next" "$guarded"
check "and goes" ctl apply -f "$guarded" --set Vpc=blue --prune
is "when the template has it no more" '{}' ctl_json auth-policy get service/cart-123456789012
jq '.Resources.Give = {"Type": "AWS::VpcLattice::ResourcePolicy", "Properties": {"ResourceArn": {"Fn::GetAtt": ["Cart", "Arn"]},
	"Policy": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": ["222222222222"]},
	"Action": "vpc-lattice:GetService", "Resource": {"Fn::GetAtt": ["Cart", "Arn"]}}]}}} | .Outputs.Given = {"Value": {"Ref": "Give"}}' \
	"$guarded" >"$dir/next" && mv "$dir/next" "$guarded"
is "so is what a resource is given away with" "create Give" actions "$guarded"
arn=$(ctl_json service show cart-123456789012 | jq -r .arn)
is "which is made" "$arn" bash -c "build/latticectl -o json apply -f $guarded --set Vpc=blue | jq -r .outputs.Given"
check "for the other account" ctl --account 222222222222 api GetService "{\"serviceIdentifier\": \"$arn\"}"
check "then there is nothing to do" ctl diff -f "$guarded" --set Vpc=blue
jq '.Resources.Give.Properties.Policy.Statement[0].Principal.AWS = ["333333333333"]' "$guarded" >"$dir/next" && mv "$dir/next" "$guarded"
is "it changes" "update Give" actions "$guarded"
jq '.Resources.Bad = {"Type": "AWS::VpcLattice::Service", "DependsOn": "Give", "Properties": {"Name": "Not a name"}}' "$guarded" >"$dir/bad.json"
check "and back, when something fails" bash -c "! build/latticectl apply -f $dir/bad.json --stack shop --set Vpc=blue >/dev/null 2>&1"
check "as it was" ctl --account 222222222222 api GetService "{\"serviceIdentifier\": \"$arn\"}"
check "in place" ctl apply -f "$guarded" --set Vpc=blue
check "to what the template says" ctl --account 333333333333 api GetService "{\"serviceIdentifier\": \"$arn\"}"
jq '.Resources.Give.Properties.ResourceArn = {"Fn::GetAtt": ["Other", "Arn"]} | .Resources.Give.Properties.Policy.Statement[0] |=
	(.Resource = "*" | .Action = "vpc-lattice:GetServiceNetwork")' "$guarded" >"$dir/next" && mv "$dir/next" "$guarded"
is "for another resource it is another" "replace Give" actions "$guarded"
check "made anew" ctl apply -f "$guarded" --set Vpc=blue
check "and the first has none" bash -c "! build/latticectl --account 333333333333 api GetService '{\"serviceIdentifier\": \"$arn\"}' >/dev/null 2>&1"
jq 'del(.Resources.Give, .Outputs.Given)' "$guarded" >"$dir/next" && mv "$dir/next" "$guarded"
check "and goes" ctl apply -f "$guarded" --set Vpc=blue --prune
check "when the template has it no more" bash -c "! build/latticectl --account 333333333333 api GetServiceNetwork \
	'{\"serviceNetworkIdentifier\": \"$(ctl_json network show other-net | jq -r .arn)\"}' >/dev/null 2>&1"
jq '.Resources = {"A": {"Type": "AWS::S3::Bucket"}} | del(.Outputs)' $template >"$dir/shop.template.json"
check "an empty template with --prune deletes the stack" ctl apply -f "$dir/shop.template.json" --set Vpc=blue --prune
is "and leaves nothing" "$empty" everything

attributes=tests/cases/templates/attributes.template.json
if ctl_json apply -f $attributes >"$dir/attributes"; then ok "every type is made"; else not_ok "every type is made"; fi
is "with what Ref and GetAtt yield of it" "$(jq '.Outputs | length' $attributes)" \
	jq '[.outputs[] | select(type == "string" and length > 0)] | length' "$dir/attributes"
is "Ref is the ARN, or what is protected" '["N:arn","S:arn","T:arn","L:arn","R:arn","JS:arn","JV:arn","Logs:arn","Guard:svc","Give:arn"]' \
	jq -c '[.outputs | to_entries[] | select(.key | startswith("Ref")) | (.key | ltrimstr("Ref")) + ":" + .value[0:3]]' "$dir/attributes"
check "and again is as once" ctl diff -f $attributes
jq '.Resources = {} | .Outputs = {}' $attributes >"$dir/attributes.template.json"
check "all of them go" ctl apply -f "$dir/attributes.template.json" --prune

check "a circle is named" bash -c "build/latticectl diff --stack x -f <(echo '{\"Resources\":{\"A\":{\"Type\":\"AWS::VpcLattice::Service\",\"Properties\":{\"Name\":{\"Ref\":\"A\"}}}}}') 2>&1 | grep -q 'A refers to itself'"
check "a reference to what is skipped says how to go on" bash -c "build/latticectl diff --stack x -f <(echo '{\"Resources\":{\"B\":{\"Type\":\"AWS::S3::Bucket\"},\"A\":{\"Type\":\"AWS::VpcLattice::Service\",\"Properties\":{\"Name\":{\"Ref\":\"B\"}}}}}') 2>&1 | grep -q 'set B=VALUE'"
check "an unknown function is named" bash -c "build/latticectl diff --stack x -f <(echo '{\"Resources\":{\"A\":{\"Type\":\"AWS::VpcLattice::Service\",\"Properties\":{\"Name\":{\"Fn::Cidr\":\"x\"}}}}}') 2>&1 | grep -q 'A: Fn::Cidr is not supported'"
check "an import is given a value" bash -c "build/latticectl diff --stack x -f <(echo '{\"Resources\":{\"A\":{\"Type\":\"AWS::VpcLattice::Service\",\"Properties\":{\"Name\":{\"Fn::ImportValue\":\"x\"}}}}}') 2>&1 | grep -q 'set x=VALUE'"
check "what is no template is refused" bash -c "echo '[]' | build/latticectl diff --stack x -f - 2>&1 | grep -q 'no Resources'"
done_testing
