# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Certificates of a test, made with openssl(1) in the folder $pki.
pki=$(mktemp -d)

# pki_ca: an authority of the test's own, ca.pem.
pki_ca() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test-ca \
		-keyout "$pki/ca.key" -out "$pki/ca.pem" 2>/dev/null
}

# pki_cert FILE NAME [DAYS]: FILE.pem and FILE.key for the DNS name, signed by the authority.
pki_cert() {
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" \
		-keyout "$pki/$1.key" -out "$pki/$1.csr" 2>/dev/null &&
		openssl x509 -req -in "$pki/$1.csr" -CA "$pki/ca.pem" -CAkey "$pki/ca.key" -days "${3:-2}" \
			-CAcreateserial -extfile <(echo "subjectAltName=DNS:$2") -out "$pki/$1.pem" 2>/dev/null
}

pki_cleanup() { rm -rf "$pki"; }
