"""authlib_rp - a relying party made of Authlib alone

One JSON object in, one per line out. It asks for the authorization URL to be visited, reads where
the browser came back to, and then does what a relying party does with the code."""
import json
import os
import sys

import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.jose import JsonWebToken
from authlib.oidc.core import CodeIDToken

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # http on loopback


def say(**what):
    print(json.dumps(what), flush=True)


def verified(token, metadata, client, nonce):
    keys = requests.get(metadata["jwks_uri"], timeout=5).json()
    algorithms = metadata["id_token_signing_alg_values_supported"]
    claims = JsonWebToken(algorithms).decode(token["id_token"], keys, claims_cls=CodeIDToken,
        claims_options={"iss": {"essential": True, "value": metadata["issuer"]},
                        "aud": {"essential": True, "value": client}},
        claims_params={"nonce": nonce, "client_id": client,
                       "access_token": token["access_token"]})
    claims.validate()
    return dict(claims)


def refused(call):
    try:
        call()
    except Exception as error:  # Authlib raises what the answer names
        return getattr(error, "error", None) or str(error)
    return None


def person(ask, metadata):
    session = OAuth2Session(ask["client_id"], ask.get("client_secret"), scope=ask["scope"],
        redirect_uri=ask["redirect_uri"], code_challenge_method="S256",
        token_endpoint_auth_method=ask["method"],
        revocation_endpoint_auth_method=ask["method"])
    verifier, nonce = "v" * 64, "n-authlib"
    url, state = session.create_authorization_url(metadata["authorization_endpoint"],
        code_verifier=verifier, nonce=nonce)
    say(visit=url)
    back = json.loads(sys.stdin.readline())["back"]
    token = session.fetch_token(metadata["token_endpoint"], authorization_response=back,
        state=state, code_verifier=verifier)
    claims = verified(token, metadata, ask["client_id"], nonce)
    info = session.get(metadata["userinfo_endpoint"]).json()
    first = token["refresh_token"]
    fresh = session.refresh_token(metadata["token_endpoint"], refresh_token=first)
    session.revoke_token(metadata["revocation_endpoint"], token=first,
        token_type_hint="refresh_token")
    again = refused(lambda: session.refresh_token(metadata["token_endpoint"],
        refresh_token=first))
    say(claims=claims, info=info, refreshed=fresh["access_token"], again=again)


def machine(ask, metadata):
    session = OAuth2Session(ask["client_id"], ask["client_secret"], scope=ask["scope"],
        token_endpoint_auth_method=ask["method"])
    say(token=session.fetch_token(metadata["token_endpoint"], grant_type="client_credentials"))


def main():
    ask = json.loads(sys.stdin.readline())
    metadata = requests.get(ask["issuer"] + "/.well-known/openid-configuration",
        timeout=5).json()
    (person if "redirect_uri" in ask else machine)(ask, metadata)


main()
