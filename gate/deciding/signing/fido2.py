"""A key on a security key, asked by the library `fido2`: a touch, and its PIN where it has one."""

from __future__ import annotations

import base64
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from configs import output
from configs.errors import BadInput, Failed, Forbidden
from configs.keys.signers import fido2 as assertions
from configs.remedies import Mend

if TYPE_CHECKING:
    from collections.abc import Callable

    from fido2.client import Fido2Client
    from fido2.ctap import CtapDevice

    from gate.deciding.signing.asked import Asked
    from gate.deciding.terminal import Terminal

FORMAT: Final = "qraft key of a device 1"
_ES256, _EDDSA = -7, -8


class Made(NamedTuple):
    """A key made on a device: its public half, and the name by which the device finds it."""

    public: str
    credential: str


def plugged_in() -> CtapDevice:
    """Return the security key that is plugged in.

    Raises
    ------
    Failed
        If the library is missing, or no device or several are there.
    """
    _require()
    from fido2.hid import CtapHidDevice

    devices = list(CtapHidDevice.list_devices())
    if len(devices) != 1:
        raise Failed(
            f"{len(devices) or 'no'} security keys are plugged in; one is needed",
            hint="on Linux its device file must be yours to use (libfido2's udev rules)",
        )
    return devices[0]


def make(
    person: str, terminal: Terminal, open_device: Callable[[], CtapDevice] = plugged_in
) -> Made:
    """Make a key on a device, for the gate alone.

    Raises
    ------
    BadInput
        If the device makes keys of other kinds only.
    Forbidden
        If nobody touched it, or its PIN is another.
    """
    _require()
    from fido2 import cose, webauthn

    options = webauthn.PublicKeyCredentialCreationOptions(
        rp=webauthn.PublicKeyCredentialRpEntity(name="Qraft", id=assertions.RELYING_PARTY),
        user=webauthn.PublicKeyCredentialUserEntity(name=person, id=os.urandom(16)),
        challenge=os.urandom(32),
        pub_key_cred_params=[
            webauthn.PublicKeyCredentialParameters(
                type=webauthn.PublicKeyCredentialType.PUBLIC_KEY, alg=algorithm
            )
            for algorithm in (_EDDSA, _ES256)
        ],
        authenticator_selection=webauthn.AuthenticatorSelectionCriteria(
            user_verification=webauthn.UserVerificationRequirement.DISCOURAGED
        ),
    )
    client = _asked(lambda: _client(open_device(), terminal))
    answer = _asked(lambda: client.make_credential(options))
    made = answer.response.attestation_object.auth_data.credential_data
    if made is None:
        raise Failed("the security key made no key")
    public = _public_of(made.public_key, cose)
    return Made(public, base64.b64encode(made.credential_id).decode())


def sign(asked: Asked, open_device: Callable[[], CtapDevice] = plugged_in) -> str:
    """Sign by the device's key, where its person touches it."""
    _require()
    from fido2 import webauthn

    credential = asked.keyring.credential(asked.key.person)
    options = webauthn.PublicKeyCredentialRequestOptions(
        challenge=assertions.challenge(asked.message),
        rp_id=assertions.RELYING_PARTY,
        allow_credentials=[
            webauthn.PublicKeyCredentialDescriptor(
                type=webauthn.PublicKeyCredentialType.PUBLIC_KEY,
                id=base64.b64decode(credential),
            )
        ],
        user_verification=webauthn.UserVerificationRequirement.DISCOURAGED,
    )
    asked.confirm()
    client = _asked(lambda: _client(open_device(), asked.terminal))
    selection = _asked(lambda: client.get_assertion(_as_strict(options, client)))
    answer = selection.get_response(0).response
    if bytes(answer.client_data) != assertions.client_data(asked.message):
        raise Failed("the library `fido2` asked the security key for something else")
    return assertions.write_signature(bytes(answer.authenticator_data), bytes(answer.signature))


def _client(device: CtapDevice, terminal: Terminal) -> Fido2Client:
    from fido2.client import DefaultClientDataCollector, Fido2Client, UserInteraction

    class Person(UserInteraction):
        def prompt_up(self) -> None:
            output.talk("touch the security key")

        def request_pin(self, permissions: Any, rp_id: str | None) -> str | None:
            return terminal.ask_secret("PIN of the security key: ")

    ours = DefaultClientDataCollector(
        assertions.ORIGIN, verify=lambda party, _: party == assertions.RELYING_PARTY
    )
    return Fido2Client(device, client_data_collector=ours, user_interaction=Person())


def _as_strict(options: Any, client: Fido2Client) -> Any:
    """Let a device that has a PIN or knows its person ask for it, each time."""
    from fido2.webauthn import UserVerificationRequirement

    knows = any(client.info.options.get(name) for name in ("clientPin", "uv"))
    needed = UserVerificationRequirement.REQUIRED
    return replace(options, user_verification=needed) if knows else options


def _asked(ask: Callable[[], Any]) -> Any:
    """Ask a device; what it or the library refuses is an error of ours."""
    from fido2.client import ClientError
    from fido2.ctap import CtapError

    try:
        return ask()
    except (ClientError, CtapError, OSError) as error:
        cause = getattr(error, "cause", None) or error
        raise Forbidden(
            f"the security key did not sign: {cause}",
            hint="is it the one that the key was made on, and was it touched in time?",
        ) from error


def _public_of(key: Any, cose: Any) -> str:
    """Write a key as the device tells it."""
    if isinstance(key, cose.EdDSA):
        return assertions.write_key(key[-2])
    if isinstance(key, cose.ES256):
        return assertions.write_key(bytes([2 + key[-3][-1] % 2]) + key[-2])
    raise BadInput("the security key makes neither Ed25519 nor P-256 keys")


def _require() -> None:
    from importlib.util import find_spec

    if find_spec("fido2") is None:
        raise Failed(
            "security keys need the library `fido2`, which is not installed",
            hint="it is an extra: qraft[fido2]; to check signatures needs nothing",
            remedy=Mend.INSTALL_EXTRA(extra="fido2"),
        )
