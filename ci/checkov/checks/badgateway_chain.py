"""Ansible tasks that write configuration of nginx or PHP-FPM pass when badgateway passes.

Run it through ../gate.py: checkov itself exits with 0 when this file cannot be imported.
"""

import os
import subprocess

from checkov.ansible.checks.base_ansible_task_check import BaseAnsibleTaskCheck
from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.yaml_doc.enums import BlockType

MODULES = ["template", "copy", "lineinfile", "blockinfile", "replace", "ini_file"]
NAMES = MODULES + ["ansible.builtin." + name for name in MODULES] + ["community.general.ini_file"]
# Words of the places where nginx and PHP-FPM have their files.
WORDS = ("nginx", "php", "fpm")


class BadgatewayChain(BaseAnsibleTaskCheck):
    def __init__(self) -> None:
        super().__init__(
            name="Ensure that the limits and sockets between nginx and PHP-FPM fit together",
            id="CKV_BADGATEWAY_1",
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_modules=NAMES,
            block_type=BlockType.ARRAY,
        )
        self.verdict = None

    def scan_conf(self, conf):
        if not self.is_about_us(conf):
            return CheckResult.PASSED, conf
        # One run tells of the whole repository.
        if self.verdict is None:
            self.verdict = judge()
        return self.verdict, conf

    @staticmethod
    def is_about_us(conf) -> bool:
        # `template: src=a dest=b` in one line is a text.
        text = str(conf).lower()
        return any(word in text for word in WORDS)


def judge() -> CheckResult:
    """FAILED unless badgateway ran and said that everything is right."""
    program = os.environ.get("BADGATEWAY", "badgateway")
    path = os.environ.get("BADGATEWAY_PATH", ".")
    try:
        ended = subprocess.run(
            [program, "check", path, "--format", "concise"],
            stdin=subprocess.DEVNULL,
            timeout=300,
            capture_output=True,
        )
    except (OSError, subprocess.SubprocessError):
        return CheckResult.FAILED
    return CheckResult.PASSED if ended.returncode == 0 else CheckResult.FAILED


check = BadgatewayChain()
