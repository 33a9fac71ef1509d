# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by bench: the cases with many rules, and with signatures, a policy and a log besides.
# latticed does all of it by its nature, HAProxy by what an administrator would write.

readonly rules_count=1000 region=us-east-1 account=123456789012
principals=() # whom the policy admits, a statement each; the last is who asks
for i in $(seq 16); do principals+=("arn:aws:iam::$account:role/caller-$i"); done
key_id='' secret=''

# add_service NAME RULES: the last rule forwards, the others and the default do not match.
add_service() {
	local url listener group
	ctl service create "s-$1" >/dev/null
	ctl target-group create "g-$1" --vpc bench --port 8001 >/dev/null
	ctl target register "g-$1" 10.1.0.1:8001 >/dev/null
	ctl listener create --service "s-$1" --protocol HTTP --port 80 --fixed-response 404 >/dev/null
	ctl association create --network n-bench --service "s-$1" >/dev/null
	listener=$(ctl_json listener list --service "s-$1" | jq -r '.items[0].id')
	group=$(ctl_json target-group show "g-$1" | jq -r .id)
	url=http://localhost/services/$(ctl_json service show "s-$1" | jq -r .id)/listeners/$listener/rules
	for ((i = 1; i < $2; i++)); do
		rule "$url" $i "{\"prefix\":\"/area-$i/\"}" '{"fixedResponse":{"statusCode":404}}'
		echo next
	done >"$dir/rules"
	rule "$url" "$2" '{"exact":"/1024"}' "{\"forward\":{\"targetGroups\":[{\"targetGroupIdentifier\":\"$group\"}]}}" >>"$dir/rules"
	curl -K "$dir/rules" || return 1
	where[$1]=$(ctl_json service show "s-$1" | jq -r '.addresses[0]')
}

# rule URL PRIORITY PATH ACTION: curl's instructions to make one.
rule() {
	local body="{\"name\":\"rule$2\",\"priority\":$2,\"match\":{\"httpMatch\":{\"pathMatch\":{\"match\":$3}}},\"action\":$4}"
	printf 'silent\nfail\nunix-socket = %s\nurl = "%s"\nheader = "Content-Type: application/json"\ndata = "%s"\noutput = /dev/null\n' "$dir/run/api.sock" "$1" "${body//\"/\\\"}"
}

add_identity() {
	local key statements='' p
	for p in "${principals[@]}"; do
		statements+="${statements:+,}{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"$p\"},\"Action\":\"vpc-lattice-svcs:Invoke\",
			\"Resource\":\"*\",\"Condition\":{\"StringEquals\":{\"vpc-lattice-svcs:RequestMethod\":\"GET\"}}}"
	done
	ctl identity add "${principals[-1]}" >/dev/null
	key=$(ctl_json identity key "${principals[-1]}")
	key_id=$(jq -r .accessKeyId <<<"$key") secret=$(jq -r .secretAccessKey <<<"$key")
	ctl auth-policy put service/s-rules - <<<"{\"Version\":\"2012-10-17\",\"Statement\":[$statements]}" >/dev/null
}

# Base64 of the key that signatures of today are made with.
signing_key() {
	local key part
	key=$(printf 'AWS4%s' "$secret" | od -An -v -tx1 | tr -d ' \n')
	for part in "$(date -u +%Y%m%d)" $region vpc-lattice-svcs aws4_request; do
		key=$(printf '%s' "$part" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" | sed 's/.* //')
	done
	printf '%b' "$(sed 's/../\\x&/g' <<<"$key")" | base64
}

# sign ADDRESS: the header lines of a signed request for /1024, as curl signs it, into $dir/signed.
sign() {
	inside curl -sv -m 5 -o /dev/null --aws-sigv4 aws:amz:$region:vpc-lattice-svcs --user "$key_id:$secret" \
		-H 'Host: bench.example' -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' "http://$1/1024" 2>"$dir/trace"
	grep -q '^< HTTP/1.1 200' "$dir/trace" || { grep '^[<>]' "$dir/trace" >&2; return 1; }
	grep -iE '^> (authorization|x-amz-)' "$dir/trace" | sed 's/^> //' >"$dir/signed"
}

# One field of a JSON log line.
json() { printf '\\"%s\\":\\"%s\\",' "$1" "$2"; }

# What HAProxy does for the same: part of its configuration, and its map of rules.
full_haproxy() {
	local i p arn=arn:aws:vpc-lattice:$region:$account
	for ((i = 1; i < rules_count; i++)); do echo "/area-$i/ none"; done >"$dir/rules.map"
	echo '/1024 b' >>"$dir/rules.map"
	cat <<-END
		frontend full
		    bind 127.0.0.1:9006 transparent
		    log $dir/haproxy.log len 4096 format raw local0
		    log-format "$(full_log "$arn")"
		    unique-id-format %{+X}o%ci:%cp_%fi:%fp_%Ts_%rt:%pid
		    http-request set-var(txn.path) path
		    http-request set-var(txn.host) req.hdr(host)
		    http-request set-var(txn.agent) req.hdr(user-agent)
		    http-request set-var-fmt(txn.canonical) "%[method]\n%[path]\n%[query]\nhost:%[req.hdr(host)]\nx-amz-content-sha256:%[req.hdr(x-amz-content-sha256)]\nx-amz-date:%[req.hdr(x-amz-date)]\n\nhost;x-amz-content-sha256;x-amz-date\nUNSIGNED-PAYLOAD"
		    http-request set-var(txn.hash) var(txn.canonical),sha2(256),hex,lower
		    http-request set-var-fmt(txn.tosign) "AWS4-HMAC-SHA256\n%[req.hdr(x-amz-date)]\n%[req.hdr(x-amz-date),field(1,T)]/$region/vpc-lattice-svcs/aws4_request\n%[var(txn.hash)]"
		    http-request set-var(txn.signature) var(txn.tosign),hmac(sha256,$(signing_key)),hex,lower
		    http-request set-var(txn.given) req.fhdr(authorization),field(4,=)
		    http-request set-var(txn.key) req.fhdr(authorization),field(2,=),field(1,/)
		    http-request deny deny_status 403 unless { var(txn.signature),secure_memcmp(txn.given) }
		    http-request set-var(txn.who) str(${principals[-1]}) if { var(txn.key) -m str $key_id }
	END
	for p in "${principals[@]}"; do
		echo "    http-request set-var(txn.allowed) bool(true) if { var(txn.who) -m str $p } { method GET }"
	done
	cat <<-END
		    http-request deny deny_status 403 unless { var(txn.allowed) -m bool }
		    use_backend %[path,map_beg($dir/rules.map,none)]
		backend none
		    http-request return status 404
	END
}

# full_log ARN: as many bytes as a line of latticed's, and as many of them change.
full_log() {
	local line field
	line="{$(json startTime '%[date,utime(%Y-%m-%dT%H:%M:%SZ)]')$(json requestId '%ID')"
	line+="$(json serviceNetworkArn "$1:servicenetwork/sn-0123456789abcdef0")$(json serviceArn "$1:service/svc-0123456789abcdef0")"
	line+="$(json listenerType HTTP)$(json listenerId listener-0123456789abcdef0)$(json targetGroupArn "$1:targetgroup/tg-0123456789abcdef0")"
	line+="$(json sourceVpcId vpc-0123456789abcdef0)$(json sourceVpcArn "arn:aws:ec2:$region:$account:vpc/vpc-0123456789abcdef0")"
	line+="$(json destinationVpcId vpc-0123456789abcdef0)$(json sourceIpPort '%ci:%cp')$(json targetIpPort '%si:%sp')"
	line+="$(json requestMethod '%HM')$(json requestPath '%[var(txn.path),json(utf8s)]')$(json protocol '%HV')"
	line+="$(json hostHeader '%[var(txn.host),json(utf8s)]')$(json userAgent '%[var(txn.agent),json(utf8s)]')"
	for field in tlsVersion sslCipher serverNameIndication authDeniedReason authDeniedStatement trialDeniedReason \
		trialDeniedStatement callerPrincipalOrgID callerPrincipalTags callerX509SubjectCN callerX509IssuerOU \
		callerX509SANNameCN callerX509SANDNS callerX509SANURI failureReason grpcResponseCode; do
		line+=$(json $field -)
	done
	line+="$(json resolvedUser '%[var(txn.who)]')$(json callerPrincipal '%[var(txn.who)]')"
	line+='\"responseCode\":%ST,\"bytesReceived\":%U,\"bytesSent\":%B,\"requestToTargetDuration\":%Tw,'
	line+='\"responseFromTargetDuration\":%Tr,\"duration\":%Ta,\"targetAttempts\":%rc}'
	echo "$line"
}
