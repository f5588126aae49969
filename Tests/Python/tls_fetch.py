"""Fetches a page over TLS and prints the response as a JSON object.

Usage: tls_fetch.py PORT PATH AUTHORITIES [--certificate CRT KEY] [--header NAME VALUE]
{"status": of HTTP, 0 without an answer, "body": text, "subject": common name of the server's certificate}.
"""
import argparse
import http.client
import json
import socket
import ssl


def fetch(arguments):
    context = ssl.create_default_context(cafile=arguments.authorities)
    if arguments.certificate:
        context.load_cert_chain(*arguments.certificate)
    answer = {"status": 0, "body": "", "subject": ""}
    try:
        raw = socket.create_connection(("127.0.0.1", arguments.port), timeout=30)
        with context.wrap_socket(raw, server_hostname="localhost") as secure:
            subject = secure.getpeercert()["subject"]
            answer["subject"] = {name: value for part in subject for name, value in part}["commonName"]
            connection = http.client.HTTPConnection("localhost", arguments.port)
            connection.sock = secure
            connection.request("GET", arguments.path, headers=dict(arguments.header))
            response = connection.getresponse()
            answer |= {"status": response.status, "body": response.read().decode()}
    except (OSError, http.client.HTTPException) as error:
        answer["body"] = str(error)
    return answer


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("path")
    parser.add_argument("authorities")
    parser.add_argument("--certificate", nargs=2)
    parser.add_argument("--header", nargs=2, action="append", default=[])
    print(json.dumps(fetch(parser.parse_args())))


main()
