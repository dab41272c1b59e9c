#!/usr/bin/env python3
"""The list of materials of the image as SPDX 2.3 JSON: every Debian package of the locks and every file of the program.
A package is listed with how many of its files are really on the image: most are cut out again."""
import glob
import hashlib
import json
import os
from datetime import datetime, timezone

PROGRAM = "/making/root/opt/keyceremony"


def lock(name):
    for line in open(f"/locks/{name}.lock"):
        package, version, architecture, sha256, size, file = line.split()
        yield package, version, architecture, sha256


def files_left(package):
    """(on the image, in the package), counting files but not folders."""
    for name in (package, package + ":amd64"):
        path = f"/making/package-files/{name}.list"
        if os.path.exists(path):
            paths = [p.strip() for p in open(path)]
            # A folder is the beginning of another line.
            folders = {os.path.dirname(p) for p in paths} | {"/."}
            files = [p for p in paths if p not in folders]
            return sum(os.path.lexists("/making/root" + p) for p in files), len(files)
    return None


def debian(package, version, architecture, sha256, comment):
    return {
        "SPDXID": f"SPDXRef-deb-{package.replace('+', '-').replace('_', '-')}",
        "name": package, "versionInfo": version, "supplier": "Organization: Debian", "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False, "checksums": [{"algorithm": "SHA256", "checksumValue": sha256}],
        "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                          "referenceLocator": f"pkg:deb/debian/{package}@{version}?arch={architecture}"}],
        "comment": comment,
    }


def nuget():
    """The packages of the program, from the lock files that restored it."""
    found = {}
    for path in sorted(glob.glob("/making/source/src/*/packages.lock.json")):
        for frame in json.load(open(path))["dependencies"].values():
            for name, entry in frame.items():
                if entry["type"] != "Project":
                    found[name] = entry
    for name, entry in sorted(found.items()):
        yield {
            "SPDXID": f"SPDXRef-nuget-{name}", "name": name, "versionInfo": entry["resolved"], "downloadLocation": "NOASSERTION",
            "filesAnalyzed": False,
            "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": f"pkg:nuget/{name}@{entry['resolved']}"}],
            "comment": f"content hash {entry.get('contentHash', 'none')}; restored in locked mode",
        }


def program_files():
    for path in sorted(glob.glob(PROGRAM + "/**", recursive=True)):
        if os.path.isfile(path):
            data = open(path, "rb").read()
            name = os.path.relpath(path, "/making/root")
            yield {
                "SPDXID": "SPDXRef-file-" + hashlib.sha256(name.encode()).hexdigest()[:16], "fileName": "./" + name,
                "checksums": [{"algorithm": "SHA1", "checksumValue": hashlib.sha1(data).hexdigest()},
                              {"algorithm": "SHA256", "checksumValue": hashlib.sha256(data).hexdigest()}],
                "licenseConcluded": "NOASSERTION", "copyrightText": "NOASSERTION",
            }


def main():
    created = datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    root_hash = open("/making/root-hash").read().strip()
    packages = [{
        "SPDXID": "SPDXRef-image", "name": "keyceremony-appliance", "versionInfo": root_hash[:12], "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False, "comment": f"dm-verity root hash {root_hash}",
    }]
    for package, version, architecture, sha256 in lock("image"):
        left = files_left(package)
        comment = "installed" if left is None else f"{left[0]} of its {left[1]} files are on the image"
        packages.append(debian(package, version, architecture, sha256, comment))
    packages += [debian(*entry, "starts the machine; not in the root file system") for entry in lock("boot")]
    packages += nuget()
    files = list(program_files())
    relations = [("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-image")]
    relations += [("SPDXRef-image", "CONTAINS", item["SPDXID"]) for item in packages[1:] + files]
    print(json.dumps({
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": "keyceremony-appliance",
        "documentNamespace": f"urn:keyceremony:appliance:{root_hash}",
        "creationInfo": {"created": created, "creators": ["Tool: keyceremony-iso"]},
        "packages": packages, "files": files,
        "relationships": [{"spdxElementId": a, "relationshipType": kind, "relatedSpdxElement": b} for a, kind, b in relations],
    }, indent=1, sort_keys=True))


if __name__ == "__main__":
    main()
