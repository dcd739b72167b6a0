"""Answers of servers on which the remote folders of partners are."""

from __future__ import annotations

import io
import json
import struct
import tempfile
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any
from unittest import mock

import paramiko
import urllib3
from paramiko import sftp
from smbprotocol.file_info import FileDirectoryInformation
from smbprotocol.open import SMB2QueryDirectoryRequest

from gateway.core.names import display
from gateway.core.remotes import Protocol, RemoteSettings
from gateway.core.secret import Secret
from gateway.ports.remotes import RemoteFile, RemoteFolder
from gateway.remotes import s3, smb, webdav
from gateway.remotes.fetching import _wanted
from gateway.remotes.sftp import SftpFolder, _Client
from tests.fuzz.answering import BETWEEN
from tests.fuzz.target import Target
