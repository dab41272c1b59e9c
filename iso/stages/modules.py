#!/usr/bin/env python3
"""modules.py LIST SOURCE TARGET EARLY: copies the listed modules and what they need from SOURCE (a /lib/modules/VERSION of
the kernel package) to TARGET, unpacked, and the early ones to EARLY too. Fails when a line matches nothing, or when a
module of the result can make a network interface or a radio."""
import fnmatch
import lzma
import os
import sys

# Whoever imports one of these makes a network interface, a radio, or a family of sockets. Read from the module itself, so
# that a driver in an unexpected folder is found too.
FORBIDDEN = [
    "register_netdev", "register_netdevice", "alloc_netdev_mqs", "alloc_etherdev_mqs", "devm_alloc_etherdev_mqs", "register_candev",
    "ieee80211_register_hw", "ieee80211_alloc_hw_nm", "wiphy_register", "wiphy_new_nm", "hci_register_dev", "hci_alloc_dev_priv",
    "nfc_register_device", "usbnet_probe", "ib_register_device", "register_pernet_device", "rtnl_link_register", "sock_register",
    "rfkill_register", "mhi_register_controller", "wwan_create_port", "snd_card_register",
]
SUFFIX = ".ko.xz"


def read_list(path):
    for number, line in enumerate(open(path), 1):
        fields = line.split("#")[0].split()
        if fields:
            early = fields[0] == "early"
            yield number, fields[early], early


def needs(modules_dep):
    """modules.dep names for each module all it needs, directly or not."""
    table = {}
    for line in open(modules_dep):
        module, _, wanted = line.partition(":")
        table[module] = wanted.split()
    return table


def imports(module):
    return [name for name in FORBIDDEN if b"\0" + name.encode() + b"\0" in module]


def main(list_path, source, target, early_target):
    table = needs(os.path.join(source, "modules.dep"))
    chosen, early_ones = set(), set()
    for number, pattern, early in read_list(list_path):
        found = [m for m in table if fnmatch.fnmatchcase(m, "kernel/" + pattern + SUFFIX)]
        if not found:
            sys.exit(f"{list_path}:{number}: the kernel has no module {pattern}")
        closure = {n for m in found for n in [m, *table[m]]}
        chosen |= closure
        early_ones |= closure if early else set()

    bad = []
    for module in sorted(chosen):
        data = lzma.decompress(open(os.path.join(source, module), "rb").read())
        bad += [f"{module} imports {name}" for name in imports(data)]
        for place in [target, *([early_target] if module in early_ones else [])]:
            path = os.path.join(place, module.removesuffix(".xz"))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as out:
                out.write(data)
    if bad:
        sys.exit("these modules may not be in the image:\n  " + "\n  ".join(bad))
    print(f"{len(chosen)} of {len(table)} kernel modules, {len(early_ones)} of them early")


if __name__ == "__main__":
    main(*sys.argv[1:])
