# KeyCeremony. Each target installs the Debian packages it lacks, once; a second run needs no network.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

APP      := src/KeyCeremony.App/KeyCeremony.App.csproj
RUN      := dotnet src/KeyCeremony.App/bin/Release/net10.0/keyceremony.dll
SCRIPTS  := ceremony-scripts
DEMO     := artifacts/demo
REHEARSE := artifacts/rehearsal
GOLDEN   := artifacts/golden
RECEIVER := artifacts/receiver/receiver.html

ISO      := artifacts/iso

DEMO_PACKAGES := softhsm2 openssl
NATIVE_PACKAGES := gcc libc6-dev
ISO_PACKAGES  := mmdebstrap debian-archive-keyring
TEST_PACKAGES := $(DEMO_PACKAGES) libnss3 opensc opencryptoki gnutls-bin p11-kit p11-kit-modules gcc libc6-dev gdb strace poppler-utils jq xxd tmux man-db mandoc zsh fish nodejs faketime zbar-tools chromium $(ISO_PACKAGES) qemu-system-x86 ovmf swtpm libtpm2-pkcs11-1 socat mtools python3 python3-cryptography curl xz-utils squashfs-tools dosfstools exfatprogs e2fsprogs osslsigncode sbsigntool efitools systemd-boot-efi rauc swupdate cpio cryptsetup-bin python3-ecdsa python3-intelhex python3-serial

export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1

.PHONY: help demo rehearsal receiver verifier screens check test golden fuzz bench print build clean iso iso-lock iso-verify

help:
	@echo "make demo       a complete root ceremony on a software HSM, played from a file; bundle in $(DEMO)/bundle/"
	@echo "make rehearsal  the same by hand in the terminal program; everything in $(REHEARSE)/"
	@echo "make receiver   the page that reads the ceremony's QR codes, and its SHA-256; $(RECEIVER)"
	@echo "make verifier   the verifier as one native file, and its SHA-256; artifacts/verifier/keyceremony-verify"
	@echo "make screens    the main screens as one picture; docs/handbook/screens.png"
	@echo "make check      the inner loop: build, format, the tests that need nothing but the SDK"
	@echo "make test       every test"
	@echo "make golden     bundles of every ceremony for tests/golden-bundles/, when the format was raised; $(GOLDEN)/"
	@echo "make fuzz TARGET=… MINUTES=…  one reader under afl-fuzz; findings in artifacts/fuzz/TARGET/out/default/crashes/"
	@echo "make bench      benchmarks next to their peers; artifacts/bench/results.json"
	@echo "make iso        the bootable image, from the locked packages; $(ISO)/"
	@echo "make iso-lock   moves the lock to what the mirror has today, and shows the difference"
	@echo "make iso-verify builds the image once more, elsewhere, and compares every byte"
	@echo "make print      binder copies, cards and labels of all scripts; artifacts/print/"

build:
	@.ci/need-packages $(DEMO_PACKAGES)
	@dotnet build $(APP) -c Release -v quiet

demo: build
	@rm -rf $(DEMO) && mkdir -p $(DEMO)
	@$(RUN) run $(SCRIPTS)/root-creation.md --ledger $(DEMO)/stick-a --ledger $(DEMO)/stick-b --softhsm $(DEMO)/hsm \
	  --out $(DEMO)/export-stick --answers $(SCRIPTS)/rehearsal/root-creation.json --envelopes $(DEMO)/envelopes
	@cp -r $(DEMO)/export-stick/*/ $(DEMO)/bundle
	@echo; echo "Verified under the root's SHA-256. Here it is computed from the bundle itself; in earnest it comes from the binder."
	@$(RUN) verify --trust $$(openssl x509 -in $(DEMO)/bundle/certificates/root.der -outform DER | sha256sum | cut -d' ' -f1) $(DEMO)/bundle
	@echo; echo "The bundle:"; cd $(DEMO)/bundle && find . -type f | sort

rehearsal: build
	@$(RUN) rehearse --folder $(REHEARSE) --scripts $(SCRIPTS)

print: build
	@mkdir -p artifacts/print
	@for script in $(SCRIPTS)/*.md; do name=$$(basename $$script .md); rm -f artifacts/print/$$name{,-cards,-labels}.{md,html,pdf}; \
	  $(RUN) print $$script --out artifacts/print/$$name.md; $(RUN) print $$script --format html --out artifacts/print/$$name.html; \
	  $(RUN) print $$script --format pdf --out artifacts/print/$$name.pdf; $(RUN) print labels $$script --out artifacts/print/$$name-labels.pdf; \
	  if grep -q 'deals shares' artifacts/print/$$name.md; then $(RUN) print cards $$script --out artifacts/print/$$name-cards.pdf; fi; done
	@ls artifacts/print

receiver:
	@.ci/need-packages nodejs
	@.ci/need-peers
	@node src/Receiver/build.mjs $(RECEIVER)

verifier:
	@.ci/need-packages $(NATIVE_PACKAGES)
	@.ci/need-verifier

screens:
	@KEYCEREMONY_GOLDEN=write dotnet test tests/KeyCeremony.App.Tests --nologo -v quiet --filter FullyQualifiedName~The_contact_sheet
	@ls -l docs/handbook/screens.png

check:
	@.ci/check

test:
	@.ci/need-packages $(TEST_PACKAGES)
	@.ci/need-zlint
	@.ci/need-yubihsm
	@.ci/need-nss
	@.ci/need-esptool
	@.ci/test

golden:
	@.ci/need-packages $(DEMO_PACKAGES) gcc libc6-dev tmux faketime
	@rm -rf $(GOLDEN) && mkdir -p $(GOLDEN)
	@KEYCEREMONY_GOLDEN=$(CURDIR)/$(GOLDEN) dotnet test tests/KeyCeremony.Hsm.Tests --nologo -v quiet --filter FullyQualifiedName~GoldenLedgers
	@KEYCEREMONY_GOLDEN=$(CURDIR)/$(GOLDEN) dotnet test tests/KeyCeremony.Verifier.Tests --nologo -v quiet --filter FullyQualifiedName~ForgedBundleTests.The_forged
	@find $(GOLDEN) -type f | sort

fuzz:
	@.ci/need-packages afl++
	@.ci/fuzz "$(TARGET)" "$(MINUTES)"

bench:
	@.ci/need-packages $(DEMO_PACKAGES) nodejs gcc libc6-dev
	@.ci/need-peers
	@.ci/need-verifier
	@.ci/need-program
	@dotnet run -c Release --project tests/KeyCeremony.Benchmarks

iso:
	@.ci/need-packages $(ISO_PACKAGES)
	@iso/build $(ISO)

iso-lock:
	@.ci/need-packages $(ISO_PACKAGES)
	@iso/update-lock

iso-verify: iso
	@iso/verify $(ISO)

clean:
	@rm -rf artifacts
