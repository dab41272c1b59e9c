#!/usr/bin/env python3
"""measure.py UKI: the value of PCR 11 after this unified kernel image started without add-ons, in hex. systemd-stub extends
PCR 11 with the name and the content of each section, in this order (UAPI.5, systemd 257 src/fundamental/uki.c)."""
import hashlib
import sys

import pefile

ORDER = [".linux", ".osrel", ".cmdline", ".initrd", ".ucode", ".splash", ".dtb", ".uname", ".sbat", ".pcrpkey"]


def main(path):
    image = pefile.PE(path, fast_load=True)
    sections = {s.Name.rstrip(b"\0").decode(): s for s in image.sections}
    register = bytes(32)
    for name in ORDER:
        if name in sections:
            section = sections[name]
            content = image.get_data(section.VirtualAddress, section.Misc_VirtualSize)
            for measured in (name.encode() + b"\0", content):
                register = hashlib.sha256(register + hashlib.sha256(measured).digest()).digest()
    print(register.hex())


if __name__ == "__main__":
    main(sys.argv[1])
