#!/usr/bin/env bash
# Creates the certificates of the tests, valid for a hundred years. They protect nothing: their keys are public.
set -euo pipefail
cd "$(dirname "$0")"
rm -f -- *.crt *.key

# authority NAME: a certificate authority.
authority() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 36500 -keyout "$1.key" -out "$1.crt" \
        -subj "/O=Odometer tests/CN=$1" -addext "keyUsage=critical,keyCertSign,cRLSign"
}

# certificate NAME AUTHORITY USAGE: a certificate for this machine, signed by an authority.
certificate() {
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout "$1.key" -out request.pem \
        -subj "/O=Odometer tests/CN=$1"
    openssl x509 -req -in request.pem -CA "$2.crt" -CAkey "$2.key" -days 36500 -out "$1.crt" -extfile <(
        echo "subjectAltName=DNS:localhost,IP:127.0.0.1"
        echo "extendedKeyUsage=$3"
    )
    rm request.pem
}

authority authority
authority stranger
certificate server authority serverAuth
certificate renewed authority serverAuth
certificate client authority clientAuth
certificate intruder stranger clientAuth

# An RSA certificate, for cipher suites that need one, and a key with a passphrase.
openssl req -newkey rsa:2048 -noenc -keyout rsa.key -out request.pem -subj "/O=Odometer tests/CN=rsa"
openssl x509 -req -in request.pem -CA authority.crt -CAkey authority.key -days 36500 -out rsa.crt -extfile <(
    echo "subjectAltName=DNS:localhost,IP:127.0.0.1"
)
rm request.pem
openssl pkey -in server.key -aes256 -passout pass:secret -out encrypted.key
rm stranger.key
