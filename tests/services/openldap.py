"""A real directory: Debian's OpenLDAP (slapd) in a temporary folder, on free loopback ports, with TLS."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from assent.identity.ldap.settings import LdapSettings
from scripts.free_ports import free_port
from services.authority import Authority

SUFFIX = "dc=clinic,dc=example"
PEOPLE = f"ou=people,{SUFFIX}"
GROUPS = f"ou=groups,{SUFFIX}"
POLICY = f"cn=policy,{SUFFIX}"
SERVICE = f"cn=assent,{SUFFIX}"
SERVICE_PASSWORD = "the service account's own"
_ROOT = f"cn=root,{SUFFIX}"
_ROOT_PASSWORD = "the directory's own"
_SLAPD = "/usr/sbin/slapd"
_SCHEMAS = ("core", "cosine", "nis", "inetorgperson", "msuser")
_CONFIGURATION = """
{schemas}
{more}
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
moduleload argon2
pidfile {folder}/slapd.pid
TLSCertificateFile {certificate}
TLSCertificateKeyFile {key}
database mdb
suffix {suffix}
rootdn {root}
rootpw {password}
directory {folder}/data
maxsize 67108864
dbnosync
index objectClass,uid,member,uniqueMember eq
overlay ppolicy
limits dn.exact={service} size.soft=100 size.hard=100 size.prtotal=unlimited
access to attrs=userPassword by anonymous auth
access to * by dn.exact={service} read by * none
"""


@dataclass
class OpenLdap:
    """The running directory. `authority` has issued its certificate."""

    folder: Path
    authority: Path
    port: int
    tls_port: int
    certificate: tuple[Path, Path]
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """Where it takes StartTLS."""
        return f"ldap://127.0.0.1:{self.port}"

    @property
    def tls_url(self) -> str:
        """Where TLS comes first."""
        return f"ldaps://127.0.0.1:{self.tls_port}"

    def settings(self, **changes: Any) -> LdapSettings:
        """Settings that sign people in here, or what `changes` say; a busy machine has time to answer."""
        ours = LdapSettings(
            servers=(self.tls_url,),
            base=PEOPLE,
            bind_dn=SERVICE,
            bind_password=SERVICE_PASSWORD,
            authorities=str(self.authority),
            group_base=GROUPS,
            answer_seconds=30,
            timeout_seconds=60,
        )
        return replace(ours, **changes)

    def start(self) -> None:
        """Starts it and waits until it listens."""
        account = ["-u", "openldap", "-g", "openldap"] if os.geteuid() == 0 else []
        listening = f"{self.url}/ {self.tls_url}/"
        command = [_SLAPD, "-f", str(self.folder / "slapd.conf"), "-h", listening, "-d", "0", *account]
        log = (self.folder / "log").open("wb")
        self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        log.close()
        deadline = time.monotonic() + 60
        while not all(_listens(port) for port in (self.port, self.tls_port)):
            if self._process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"slapd did not start:\n{(self.folder / 'log').read_text()}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Stops it; its connections end."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def load(self, ldif: str) -> None:
        """Adds entries, while it does not run."""
        as_openldap = ["runuser", "-u", "openldap", "--"] if os.geteuid() == 0 else []
        self._run(*as_openldap, "/usr/sbin/slapadd", "-q", "-f", str(self.folder / "slapd.conf"), ldif=ldif)

    def modify(self, ldif: str) -> None:
        """Carries out changes (RFC 2849), while it runs."""
        self._run("ldapmodify", "-x", "-H", self.url, "-D", _ROOT, "-w", _ROOT_PASSWORD, ldif=ldif)

    def _run(self, *command: str, ldif: str) -> None:
        done = subprocess.run(
            command, input=ldif.encode(), capture_output=True, check=False, timeout=60, cwd=self.folder
        )
        if done.returncode != 0:
            pytest.fail(f"{command[0]} failed: {done.stderr.decode()}")


StartOpenLdap = Callable[..., OpenLdap]


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The authority that issues the directories' certificates."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def start_openldap(authority: Authority) -> Iterator[StartOpenLdap]:
    """Starts a directory with the entries of an LDIF, and a certificate and key where it is not a good one.

    `schema` takes the place of Active Directory's, of which only syntaxes are there; `root`: what the root entry says.
    """
    if not Path(_SLAPD).exists():
        pytest.fail("no slapd: run `make test`, or `make debian-packages` first")
    with ExitStack() as stack:

        def start(
            ldif: str = "",
            certificate: tuple[Path, Path] | None = None,
            schema: str | None = None,
            root: str | None = None,
        ) -> OpenLdap:
            folder = Path(tempfile.mkdtemp(prefix="assent-openldap-"))
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            issued = certificate or authority.issue("openldap", "127.0.0.1", "localhost")
            own = (folder / "certificate.pem", folder / "key.pem")
            for source, target in zip(issued, own, strict=True):
                shutil.copy(source, target)
            (folder / "data").mkdir()
            (folder / "slapd.conf").write_text(_configuration(folder, own, schema, root))
            if os.geteuid() == 0:
                for path in (folder, *folder.iterdir()):
                    shutil.chown(path, "openldap", "openldap")
            server = OpenLdap(folder, authority.file, free_port(), free_port(), own)
            server.load(_SKELETON + ldif)
            stack.callback(server.stop)
            server.start()
            return server

        yield start


def _configuration(folder: Path, certificate: tuple[Path, Path], schema: str | None, root: str | None) -> str:
    schemas = [f"/etc/ldap/schema/{name}.schema" for name in _SCHEMAS]
    more = ""
    if schema is not None:
        schemas[-1] = str(folder / "own.schema")
        (folder / "own.schema").write_text(schema)
    if root is not None:
        (folder / "root.ldif").write_text(root)
        more = f"rootDSE {folder}/root.ldif"
    return _CONFIGURATION.format(
        schemas="\n".join(f"include {file}" for file in schemas),
        more=more,
        folder=folder,
        certificate=certificate[0],
        key=certificate[1],
        suffix=SUFFIX,
        service=SERVICE,
        root=_ROOT,
        password=f'"{_ROOT_PASSWORD}"',
    )


_SKELETON = f"""\
dn: {SUFFIX}
objectClass: dcObject
objectClass: organization
dc: clinic
o: Clinic

dn: {SERVICE}
objectClass: applicationProcess
objectClass: simpleSecurityObject
cn: assent
userPassword: {SERVICE_PASSWORD}

dn: {POLICY}
objectClass: applicationProcess
objectClass: pwdPolicy
cn: policy
pwdAttribute: userPassword
pwdLockout: TRUE
pwdMaxFailure: 5
pwdMustChange: TRUE

dn: {PEOPLE}
objectClass: organizationalUnit
ou: people

dn: {GROUPS}
objectClass: organizationalUnit
ou: groups

"""


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
