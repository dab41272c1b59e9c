/*
 * A PKCS#11 module that misbehaves on order. 64-bit Linux only.
 *
 * Without STUB_FORWARD it is a toy token of its own ("scripted"): one slot, one P-256 public key (the curve's
 * generator), constant answers. With STUB_FORWARD=/path/module.so it hands every call to that module.
 * In both roles the rules come first:
 *
 *   STUB_RULES="RULE;RULE;…", RULE = FUNCTION[:N[+]]=ACTION
 *     FUNCTION  C_Sign, or * for any
 *     :N        only the Nth call of that function; :N+ from the Nth on; nothing: every call
 *     ACTION    CKR_DEVICE_REMOVED or 0x80000001: that value, the real function is not called
 *               garbage      the call is made, then the bytes it wrote are inverted (C_Sign, C_SignFinal, C_WrapKey, C_GenerateRandom)
 *               constant     the bytes it wrote become zero
 *               short, long  the call is made, then the length (or count) it tells is too small, or larger than the room
 *               extractable  CKA_EXTRACTABLE reads back true
 *               insensitive  CKA_SENSITIVE reads back false
 *               readable     a private key's CKA_VALUE reads back as 32 bytes
 *               ml-dsa-65    a key says that it is of this kind (C_GetAttributeValue): its type, its set and 1952 bytes of value
 *               other-set    the same with a set that does not exist
 *               ignore       says CKR_OK and does nothing
 *               zeros, nameless, pin-locked, last-try, officers-last-try, protected, pinpad
 *                            a token says so of itself (C_GetTokenInfo): serial number of zeros, or none; its flags
 *               card-contact the same: its maker is CardContact, as of a SmartCard-HSM
 *               escapes      the same: its maker and model hold terminal escapes, line feeds and bytes that are no UTF-8
 *               capitals     the same: the letters of its serial number are capitals
 *               longer       the call is made, then eight zeros more are said to belong to what it wrote (C_WrapKey)
 *               rsa          a key says that it is an RSA key (CKA_KEY_TYPE)
 *               odd          a mechanism list has every entry twice or as a number that nobody knows
 *               keep         what is made for a session is stored (C_CreateObject, C_GenerateKeyPair, C_UnwrapKey), as smart cards do
 *               hang         never comes back
 *               crash        reads from address 8
 *               abort, exit  ends the process, the second with 7 and exit handlers
 *               shout        writes a line to stdout, to stderr and to the terminal, if there is one; then the call is made
 *               flood        writes to stderr for ever
 *               burn         takes memory until there is none, and writes into each piece; then CKR_HOST_MEMORY
 *               close        closes every file, then the call is made
 *               forge        writes bytes into every open file but the usual three, then the call is made
 *               overrun      the call is made, then 100,000 bytes are written from the first place that it wrote to
 *               fork         leaves a child that sleeps, then the call is made
 *               lazy         asked for several attributes at once, calls the first one unknown and looks at no other
 *
 *   STUB_KILL_AT=N or FUNCTION:N   SIGKILL in the Nth call (of that function): of the program, where this is its host
 *   STUB_KILL_WHEN=before|after    before (the default) or after the real call
 *   STUB_LOG=FILE                  one line a call: function, its own count, the count of all calls
 *   STUB_FREEZE=1                  SIGSTOP, as above, before and after each real call, each behind a line "before …" or "after …"
 *                                  in the log instead: what lies on the disk while the process stands still is what
 *                                  SIGKILL would leave
 *
 *   STUB_INIT=TEXT                 handed to the real C_Initialize as NSS wants it: behind the flags, where the standard
 *                                  has its reserved pointer
 *   STUB_EYES_RULES="…"            the rules in a process that was started as "second-look", which has no other: it is not
 *                                  killed, frozen or logged. So a module tells who is asking, and tells each another thing
 *
 * The environment is read in C_Initialize, which does not reset the counts. stub_rules() replaces the rules at any
 * time and starts all counts anew; STUB_RULES, when set, replaces them again at the next C_Initialize.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "second_look.h"

typedef unsigned long word;
typedef unsigned char byte;

#define EXPORT __attribute__((visibility("default")))

EXPORT word C_GetFunctionList(const void **result);

/* Every function of PKCS#11 v2.40 in the order of the function list, with its number of arguments. */
#define FUNCTIONS(X) \
    X(C_Initialize, 1) \
    X(C_Finalize, 1) \
    X(C_GetInfo, 1) \
    X(C_GetFunctionList, 1) \
    X(C_GetSlotList, 3) \
    X(C_GetSlotInfo, 2) \
    X(C_GetTokenInfo, 2) \
    X(C_GetMechanismList, 3) \
    X(C_GetMechanismInfo, 3) \
    X(C_InitToken, 4) \
    X(C_InitPIN, 3) \
    X(C_SetPIN, 5) \
    X(C_OpenSession, 5) \
    X(C_CloseSession, 1) \
    X(C_CloseAllSessions, 1) \
    X(C_GetSessionInfo, 2) \
    X(C_GetOperationState, 3) \
    X(C_SetOperationState, 5) \
    X(C_Login, 4) \
    X(C_Logout, 1) \
    X(C_CreateObject, 4) \
    X(C_CopyObject, 5) \
    X(C_DestroyObject, 2) \
    X(C_GetObjectSize, 3) \
    X(C_GetAttributeValue, 4) \
    X(C_SetAttributeValue, 4) \
    X(C_FindObjectsInit, 3) \
    X(C_FindObjects, 4) \
    X(C_FindObjectsFinal, 1) \
    X(C_EncryptInit, 3) \
    X(C_Encrypt, 5) \
    X(C_EncryptUpdate, 5) \
    X(C_EncryptFinal, 3) \
    X(C_DecryptInit, 3) \
    X(C_Decrypt, 5) \
    X(C_DecryptUpdate, 5) \
    X(C_DecryptFinal, 3) \
    X(C_DigestInit, 2) \
    X(C_Digest, 5) \
    X(C_DigestUpdate, 3) \
    X(C_DigestKey, 2) \
    X(C_DigestFinal, 3) \
    X(C_SignInit, 3) \
    X(C_Sign, 5) \
    X(C_SignUpdate, 3) \
    X(C_SignFinal, 3) \
    X(C_SignRecoverInit, 3) \
    X(C_SignRecover, 5) \
    X(C_VerifyInit, 3) \
    X(C_Verify, 5) \
    X(C_VerifyUpdate, 3) \
    X(C_VerifyFinal, 3) \
    X(C_VerifyRecoverInit, 3) \
    X(C_VerifyRecover, 5) \
    X(C_DigestEncryptUpdate, 5) \
    X(C_DecryptDigestUpdate, 5) \
    X(C_SignEncryptUpdate, 5) \
    X(C_DecryptVerifyUpdate, 5) \
    X(C_GenerateKey, 5) \
    X(C_GenerateKeyPair, 8) \
    X(C_WrapKey, 6) \
    X(C_UnwrapKey, 8) \
    X(C_DeriveKey, 6) \
    X(C_SeedRandom, 3) \
    X(C_GenerateRandom, 3) \
    X(C_GetFunctionStatus, 1) \
    X(C_CancelFunction, 1) \
    X(C_WaitForSlotEvent, 3)

enum {
#define X(name, arity) F_##name,
    FUNCTIONS(X)
#undef X
    FUNCTION_COUNT
};

static const char *const names[] = {
#define X(name, arity) #name,
    FUNCTIONS(X)
#undef X
};

static const int arities[] = {
#define X(name, arity) arity,
    FUNCTIONS(X)
#undef X
};

static const struct { const char *name; word value; } return_values[] = {
    {"CKR_OK", 0x0UL},
    {"CKR_CANCEL", 0x1UL},
    {"CKR_HOST_MEMORY", 0x2UL},
    {"CKR_SLOT_ID_INVALID", 0x3UL},
    {"CKR_GENERAL_ERROR", 0x5UL},
    {"CKR_FUNCTION_FAILED", 0x6UL},
    {"CKR_ARGUMENTS_BAD", 0x7UL},
    {"CKR_NO_EVENT", 0x8UL},
    {"CKR_NEED_TO_CREATE_THREADS", 0x9UL},
    {"CKR_CANT_LOCK", 0xAUL},
    {"CKR_ATTRIBUTE_READ_ONLY", 0x10UL},
    {"CKR_ATTRIBUTE_SENSITIVE", 0x11UL},
    {"CKR_ATTRIBUTE_TYPE_INVALID", 0x12UL},
    {"CKR_ATTRIBUTE_VALUE_INVALID", 0x13UL},
    {"CKR_ACTION_PROHIBITED", 0x1BUL},
    {"CKR_DATA_INVALID", 0x20UL},
    {"CKR_DATA_LEN_RANGE", 0x21UL},
    {"CKR_DEVICE_ERROR", 0x30UL},
    {"CKR_DEVICE_MEMORY", 0x31UL},
    {"CKR_DEVICE_REMOVED", 0x32UL},
    {"CKR_ENCRYPTED_DATA_INVALID", 0x40UL},
    {"CKR_ENCRYPTED_DATA_LEN_RANGE", 0x41UL},
    {"CKR_AEAD_DECRYPT_FAILED", 0x42UL},
    {"CKR_FUNCTION_CANCELED", 0x50UL},
    {"CKR_FUNCTION_NOT_PARALLEL", 0x51UL},
    {"CKR_FUNCTION_NOT_SUPPORTED", 0x54UL},
    {"CKR_KEY_HANDLE_INVALID", 0x60UL},
    {"CKR_KEY_SIZE_RANGE", 0x62UL},
    {"CKR_KEY_TYPE_INCONSISTENT", 0x63UL},
    {"CKR_KEY_NOT_NEEDED", 0x64UL},
    {"CKR_KEY_CHANGED", 0x65UL},
    {"CKR_KEY_NEEDED", 0x66UL},
    {"CKR_KEY_INDIGESTIBLE", 0x67UL},
    {"CKR_KEY_FUNCTION_NOT_PERMITTED", 0x68UL},
    {"CKR_KEY_NOT_WRAPPABLE", 0x69UL},
    {"CKR_KEY_UNEXTRACTABLE", 0x6AUL},
    {"CKR_MECHANISM_INVALID", 0x70UL},
    {"CKR_MECHANISM_PARAM_INVALID", 0x71UL},
    {"CKR_OBJECT_HANDLE_INVALID", 0x82UL},
    {"CKR_OPERATION_ACTIVE", 0x90UL},
    {"CKR_OPERATION_NOT_INITIALIZED", 0x91UL},
    {"CKR_PIN_INCORRECT", 0xA0UL},
    {"CKR_PIN_INVALID", 0xA1UL},
    {"CKR_PIN_LEN_RANGE", 0xA2UL},
    {"CKR_PIN_EXPIRED", 0xA3UL},
    {"CKR_PIN_LOCKED", 0xA4UL},
    {"CKR_SESSION_CLOSED", 0xB0UL},
    {"CKR_SESSION_COUNT", 0xB1UL},
    {"CKR_SESSION_HANDLE_INVALID", 0xB3UL},
    {"CKR_SESSION_PARALLEL_NOT_SUPPORTED", 0xB4UL},
    {"CKR_SESSION_READ_ONLY", 0xB5UL},
    {"CKR_SESSION_EXISTS", 0xB6UL},
    {"CKR_SESSION_READ_ONLY_EXISTS", 0xB7UL},
    {"CKR_SESSION_READ_WRITE_SO_EXISTS", 0xB8UL},
    {"CKR_SIGNATURE_INVALID", 0xC0UL},
    {"CKR_SIGNATURE_LEN_RANGE", 0xC1UL},
    {"CKR_TEMPLATE_INCOMPLETE", 0xD0UL},
    {"CKR_TEMPLATE_INCONSISTENT", 0xD1UL},
    {"CKR_TOKEN_NOT_PRESENT", 0xE0UL},
    {"CKR_TOKEN_NOT_RECOGNIZED", 0xE1UL},
    {"CKR_TOKEN_WRITE_PROTECTED", 0xE2UL},
    {"CKR_UNWRAPPING_KEY_HANDLE_INVALID", 0xF0UL},
    {"CKR_UNWRAPPING_KEY_SIZE_RANGE", 0xF1UL},
    {"CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT", 0xF2UL},
    {"CKR_USER_ALREADY_LOGGED_IN", 0x100UL},
    {"CKR_USER_NOT_LOGGED_IN", 0x101UL},
    {"CKR_USER_PIN_NOT_INITIALIZED", 0x102UL},
    {"CKR_USER_TYPE_INVALID", 0x103UL},
    {"CKR_USER_ANOTHER_ALREADY_LOGGED_IN", 0x104UL},
    {"CKR_USER_TOO_MANY_TYPES", 0x105UL},
    {"CKR_WRAPPED_KEY_INVALID", 0x110UL},
    {"CKR_WRAPPED_KEY_LEN_RANGE", 0x112UL},
    {"CKR_WRAPPING_KEY_HANDLE_INVALID", 0x113UL},
    {"CKR_WRAPPING_KEY_SIZE_RANGE", 0x114UL},
    {"CKR_WRAPPING_KEY_TYPE_INCONSISTENT", 0x115UL},
    {"CKR_RANDOM_SEED_NOT_SUPPORTED", 0x120UL},
    {"CKR_RANDOM_NO_RNG", 0x121UL},
    {"CKR_DOMAIN_PARAMS_INVALID", 0x130UL},
    {"CKR_CURVE_NOT_SUPPORTED", 0x140UL},
    {"CKR_BUFFER_TOO_SMALL", 0x150UL},
    {"CKR_SAVED_STATE_INVALID", 0x160UL},
    {"CKR_INFORMATION_SENSITIVE", 0x170UL},
    {"CKR_STATE_UNSAVEABLE", 0x180UL},
    {"CKR_CRYPTOKI_NOT_INITIALIZED", 0x190UL},
    {"CKR_CRYPTOKI_ALREADY_INITIALIZED", 0x191UL},
    {"CKR_MUTEX_BAD", 0x1A0UL},
    {"CKR_MUTEX_NOT_LOCKED", 0x1A1UL},
    {"CKR_NEW_PIN_MODE", 0x1B0UL},
    {"CKR_NEXT_OTP", 0x1B1UL},
    {"CKR_EXCEEDED_MAX_ITERATIONS", 0x1B5UL},
    {"CKR_FIPS_SELF_TEST_FAILED", 0x1B6UL},
    {"CKR_LIBRARY_LOAD_FAILED", 0x1B7UL},
    {"CKR_PIN_TOO_WEAK", 0x1B8UL},
    {"CKR_PUBLIC_KEY_INVALID", 0x1B9UL},
    {"CKR_FUNCTION_REJECTED", 0x200UL},
    {"CKR_TOKEN_RESOURCE_EXCEEDED", 0x201UL},
    {"CKR_OPERATION_CANCEL_FAILED", 0x202UL},
    {"CKR_KEY_EXHAUSTED", 0x203UL},
    {"CKR_PENDING", 0x204UL},
    {"CKR_SESSION_ASYNC_NOT_SUPPORTED", 0x205UL},
    {"CKR_SEED_RANDOM_REQUIRED", 0x206UL},
    {"CKR_OPERATION_NOT_VALIDATED", 0x207UL},
    {"CKR_TOKEN_NOT_INITIALIZED", 0x208UL},
    {"CKR_PARAMETER_SET_NOT_SUPPORTED", 0x209UL},
    {"CKR_VENDOR_DEFINED", 0x80000000UL},
};

enum { CKR_OK = 0, CKR_GENERAL_ERROR = 5, CKR_ATTRIBUTE_TYPE_INVALID = 0x12, CKR_BUFFER_TOO_SMALL = 0x150 };
enum { CKA_CLASS = 0, CKA_TOKEN = 1, CKA_PRIVATE = 2, CKA_LABEL = 3, CKA_APPLICATION = 0x10, CKA_VALUE = 0x11,
       CKA_KEY_TYPE = 0x100, CKA_ID = 0x102, CKA_SENSITIVE = 0x103, CKA_DECRYPT = 0x105, CKA_UNWRAP = 0x107,
       CKA_SIGN = 0x108, CKA_EXTRACTABLE = 0x162, CKA_LOCAL = 0x163, CKA_NEVER_EXTRACTABLE = 0x164,
       CKA_ALWAYS_SENSITIVE = 0x165, CKA_MODIFIABLE = 0x170, CKA_EC_PARAMS = 0x180, CKA_EC_POINT = 0x181,
       CKA_PARAMETER_SET = 0x61D };

struct attribute { word type; byte *value; word length; };

enum action { RETURN, GARBAGE, CONSTANT, SHORT, LONG, EXTRACTABLE, INSENSITIVE, READABLE, IGNORE, LAZY, ZEROS, NAMELESS, PIN_LOCKED, LAST_TRY, OFFICERS_LAST_TRY,
              PROTECTED, PINPAD, CARD_CONTACT, ESCAPES, CAPITALS, LONGER, RSA_TYPE, ODD, ML_DSA_65, OTHER_SET, HANG, CRASH, ABORT, EXIT, SHOUT, FLOOD, BURN, CLOSE, FORGE, OVERRUN, FORK, KEEP };

struct rule {
    int function; /* -1: any */
    word first, last;
    enum action action;
    word value;
};

#define MAX_RULES 64

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct rule rules[MAX_RULES];
static int rule_count;
static word counts[FUNCTION_COUNT];
static word total;
static void *const *forward_list;
static word kill_at;
static int kill_function = -1;
static int kill_after;
static int freezes;
static char log_path[4096];

/* --- rules --- */

static void die(const char *what, const char *where)
{
    fprintf(stderr, "stub: %s: %s\n", what, where);
    abort();
}

static int function_index(const char *name, size_t length)
{
    for (int i = 0; i < FUNCTION_COUNT; i++)
        if (strlen(names[i]) == length && !memcmp(names[i], name, length))
            return i;
    die("no such function", name);
    return -1;
}

static void parse_action(const char *text, struct rule *rule)
{
    static const struct { const char *name; enum action action; } actions[] = {
        {"garbage", GARBAGE}, {"constant", CONSTANT}, {"short", SHORT}, {"long", LONG},
        {"extractable", EXTRACTABLE}, {"insensitive", INSENSITIVE}, {"readable", READABLE}, {"ignore", IGNORE}, {"lazy", LAZY},
        {"zeros", ZEROS}, {"nameless", NAMELESS}, {"pin-locked", PIN_LOCKED}, {"last-try", LAST_TRY}, {"officers-last-try", OFFICERS_LAST_TRY}, {"protected", PROTECTED},
        {"pinpad", PINPAD}, {"card-contact", CARD_CONTACT}, {"escapes", ESCAPES}, {"capitals", CAPITALS}, {"longer", LONGER}, {"rsa", RSA_TYPE}, {"odd", ODD}, {"ml-dsa-65", ML_DSA_65}, {"other-set", OTHER_SET}, {"hang", HANG}, {"crash", CRASH},
        {"abort", ABORT}, {"exit", EXIT}, {"shout", SHOUT}, {"flood", FLOOD}, {"burn", BURN}, {"close", CLOSE}, {"forge", FORGE}, {"overrun", OVERRUN}, {"fork", FORK}, {"keep", KEEP},
    };
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        if (!strcmp(actions[i].name, text)) {
            rule->action = actions[i].action;
            return;
        }
    rule->action = RETURN;
    for (size_t i = 0; i < sizeof return_values / sizeof *return_values; i++)
        if (!strcmp(return_values[i].name, text)) {
            rule->value = return_values[i].value;
            return;
        }
    if (strncmp(text, "0x", 2))
        die("no such action", text);
    rule->value = strtoul(text, NULL, 16);
}

static void parse_rule(char *text, struct rule *rule)
{
    char *action = strchr(text, '=');
    if (!action)
        die("a rule without =", text);
    *action++ = 0;
    char *calls = strchr(text, ':');
    size_t length = calls ? (size_t)(calls - text) : strlen(text);
    rule->first = 1;
    rule->last = ~0UL;
    if (calls) {
        char *end;
        rule->first = strtoul(calls + 1, &end, 10);
        rule->last = *end == '+' ? ~0UL : rule->first;
    }
    rule->function = length == 1 && *text == '*' ? -1 : function_index(text, length);
    parse_action(action, rule);
}

static void set_rules(const char *text)
{
    char copy[8192];
    if (strlen(text) >= sizeof copy)
        die("too many rules", text);
    strcpy(copy, text);
    rule_count = 0;
    char *rest;
    for (char *one = strtok_r(copy, ";", &rest); one; one = strtok_r(NULL, ";", &rest)) {
        if (rule_count == MAX_RULES)
            die("too many rules", text);
        parse_rule(one, &rules[rule_count++]);
    }
}

EXPORT void stub_rules(const char *text)
{
    pthread_mutex_lock(&lock);
    set_rules(text);
    total = 0;
    memset(counts, 0, sizeof counts);
    pthread_mutex_unlock(&lock);
}

EXPORT word stub_count(const char *function)
{
    pthread_mutex_lock(&lock);
    word count = counts[function_index(function, strlen(function))];
    pthread_mutex_unlock(&lock);
    return count;
}

static void read_kill(const char *when)
{
    const char *at = getenv("STUB_KILL_AT");
    const char *colon = at ? strchr(at, ':') : NULL;
    kill_function = colon ? function_index(at, (size_t)(colon - at)) : -1;
    kill_at = at ? strtoul(colon ? colon + 1 : at, NULL, 10) : 0;
    kill_after = when && !strcmp(when, "after");
}

static void read_forward(const char *path)
{
    word (*get)(void **);
    byte *list;
    forward_list = NULL;
    if (!path || !*path)
        return;
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        die("cannot load", dlerror());
    *(void **)&get = dlsym(library, "C_GetFunctionList");
    if (!get || get((void **)&list) != CKR_OK)
        die("no PKCS#11 module", path);
    /* A CK_VERSION padded to a pointer comes before the functions. */
    forward_list = (void *const *)(list + sizeof(void *));
}

static void read_environment(void)
{
    if (is_second_look()) {
        const char *other = getenv("STUB_EYES_RULES");
        if (other)
            set_rules(other);
        read_forward(getenv("STUB_FORWARD"));
        return;
    }
    const char *text = getenv("STUB_RULES");
    const char *log = getenv("STUB_LOG");
    if (text)
        set_rules(text);
    snprintf(log_path, sizeof log_path, "%s", log ? log : "");
    read_kill(getenv("STUB_KILL_WHEN"));
    freezes = getenv("STUB_FREEZE") != NULL;
    read_forward(getenv("STUB_FORWARD"));
}

/* --- the toy token --- */

static void pad(byte *field, const char *text, size_t width)
{
    memset(field, ' ', width);
    memcpy(field, text, strlen(text));
}

static word toy_token_info(byte *info)
{
    word numbers[11] = {0x40D, 0, 0, 0, 0, 255, 4};
    pad(info, "stub", 32);
    pad(info + 32, "KeyCeremony tests", 32);
    pad(info + 64, "stub", 16);
    pad(info + 80, "0001", 16);
    memcpy(info + 96, numbers, sizeof numbers);
    memset(info + 184, 0, 4);
    memset(info + 188, '0', 16);
    return CKR_OK;
}

static word put(struct attribute *a, const void *value, word length)
{
    if (a->value && a->length < length) {
        a->length = ~0UL;
        return CKR_BUFFER_TOO_SMALL;
    }
    if (a->value)
        memcpy(a->value, value, length);
    a->length = length;
    return CKR_OK;
}

/* As NSS does: a number goes into a buffer of its own size and into no other. */
static word put_number(struct attribute *a, word value)
{
    if (a->value && a->length != sizeof value) {
        a->length = ~0UL;
        return CKR_BUFFER_TOO_SMALL;
    }
    return put(a, &value, sizeof value);
}

/* Object 1 is a public key, 2 a private key, 3 a secret key. */
static word toy_attribute(word object, struct attribute *a)
{
    static const byte yes = 1, no = 0;
    static const byte curve[] = {0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07};
    static const byte generator[] = {
        0x04, 0x41, 0x04,
        0x6B, 0x17, 0xD1, 0xF2, 0xE1, 0x2C, 0x42, 0x47, 0xF8, 0xBC, 0xE6, 0xE5, 0x63, 0xA4, 0x40, 0xF2,
        0x77, 0x03, 0x7D, 0x81, 0x2D, 0xEB, 0x33, 0xA0, 0xF4, 0xA1, 0x39, 0x45, 0xD8, 0x98, 0xC2, 0x96,
        0x4F, 0xE3, 0x42, 0xE2, 0xFE, 0x1A, 0x7F, 0x9B, 0x8E, 0xE7, 0xEB, 0x4A, 0x7C, 0x0F, 0x9E, 0x16,
        0x2B, 0xCE, 0x33, 0x57, 0x6B, 0x31, 0x5E, 0xCE, 0xCB, 0xB6, 0x40, 0x68, 0x37, 0xBF, 0x51, 0xF5};
    switch (a->type) {
    case CKA_CLASS: return put_number(a, object + 1);
    case CKA_KEY_TYPE: return put_number(a, object == 3 ? 0x1F : 3);
    case CKA_LABEL: return put(a, "stub", 4);
    case CKA_ID: return put(a, "\001", 1);
    case CKA_TOKEN: case CKA_LOCAL: case CKA_MODIFIABLE: return put(a, &yes, 1);
    case CKA_SENSITIVE: case CKA_ALWAYS_SENSITIVE: case CKA_PRIVATE: case CKA_SIGN: return put(a, object == 1 ? &no : &yes, 1);
    case CKA_EXTRACTABLE: case CKA_NEVER_EXTRACTABLE: case CKA_DECRYPT: case CKA_UNWRAP: return put(a, &no, 1);
    case CKA_EC_PARAMS: return put(a, curve, sizeof curve);
    case CKA_EC_POINT: return put(a, generator, sizeof generator);
    default:
        a->length = ~0UL;
        return CKR_ATTRIBUTE_TYPE_INVALID;
    }
}

static word toy_list(word *list, word *count, word entry)
{
    if (list)
        *list = entry;
    *count = 1;
    return CKR_OK;
}

static word toy_bytes(byte *bytes, word *length, word real)
{
    if (bytes && *length < real)
        return CKR_BUFFER_TOO_SMALL;
    if (bytes)
        memset(bytes, 0x5A, real);
    *length = real;
    return CKR_OK;
}

static word toy(int function, const word *a)
{
    static word found;
    word result = CKR_OK;
    switch (function) {
    case F_C_GetInfo: memset((void *)a[0], ' ', 80); return CKR_OK;
    case F_C_GetSlotList: return toy_list((word *)a[1], (word *)a[2], 0);
    case F_C_GetTokenInfo: return toy_token_info((byte *)a[1]);
    case F_C_GetMechanismList: return toy_list((word *)a[1], (word *)a[2], 0x1041);
    case F_C_GetMechanismInfo: memset((void *)a[2], 0, 24); return CKR_OK;
    case F_C_OpenSession: *(word *)a[4] = 1; return CKR_OK;
    case F_C_GetSessionInfo: memset((void *)a[1], 0, 32); ((word *)a[1])[1] = 3; return CKR_OK;
    case F_C_CreateObject: *(word *)a[3] = 3; return CKR_OK;
    case F_C_GenerateKeyPair: *(word *)a[6] = 1; *(word *)a[7] = 2; return CKR_OK;
    case F_C_UnwrapKey: *(word *)a[7] = 2; return CKR_OK;
    case F_C_GetAttributeValue:
        for (word i = 0; i < a[3]; i++) {
            word one = toy_attribute(a[1], (struct attribute *)a[2] + i);
            result = one ? one : result;
        }
        return result;
    case F_C_FindObjectsInit:
        /* Whoever asks for a class by name gets one object of it; object numbers are the class less one. */
        found = 2;
        for (word i = 0; i < a[2]; i++) {
            struct attribute *wanted = (struct attribute *)a[1] + i;
            if (wanted->type == CKA_CLASS)
                found = *(word *)wanted->value - 1;
        }
        return CKR_OK;
    case F_C_FindObjects: *(word *)a[1] = found; *(word *)a[3] = found != 0; found = 0; return CKR_OK;
    case F_C_Sign: return toy_bytes((byte *)a[3], (word *)a[4], 64);
    case F_C_SignFinal: return toy_bytes((byte *)a[1], (word *)a[2], 3309);
    case F_C_WrapKey: return toy_bytes((byte *)a[4], (word *)a[5], 160);
    case F_C_GenerateRandom:
        for (word i = 0; i < a[2]; i++)
            ((byte *)a[1])[i] = (byte)rand();
        return CKR_OK;
    default: return CKR_OK;
    }
}

/* --- one call --- */

static word forward(int function, const word *a)
{
    void *f = forward_list[function];
    switch (arities[function]) {
    case 1: return ((word (*)(word))f)(a[0]);
    case 2: return ((word (*)(word, word))f)(a[0], a[1]);
    case 3: return ((word (*)(word, word, word))f)(a[0], a[1], a[2]);
    case 4: return ((word (*)(word, word, word, word))f)(a[0], a[1], a[2], a[3]);
    case 5: return ((word (*)(word, word, word, word, word))f)(a[0], a[1], a[2], a[3], a[4]);
    case 6: return ((word (*)(word, word, word, word, word, word))f)(a[0], a[1], a[2], a[3], a[4], a[5]);
    case 7: return ((word (*)(word, word, word, word, word, word, word))f)(a[0], a[1], a[2], a[3], a[4], a[5], a[6]);
    case 8: return ((word (*)(word, word, word, word, word, word, word, word))f)(
        a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7]);
    default: abort();
    }
}

static word initialize(const word *a)
{
    const char *text = getenv("STUB_INIT");
    const word given = text ? (word)text : 0;
    word with_text[7] = {0};
    if (!given)
        return forward(F_C_Initialize, a);
    if (a[0])
        memcpy(with_text, (const void *)a[0], 5 * sizeof(word));
    with_text[5] = given;
    const word arguments[8] = {(word)with_text};
    return forward(F_C_Initialize, arguments);
}

/* Where a function leaves bytes and how many; none for functions that write no bytes. */
static byte *written(int function, const word *a, word **length)
{
    static __thread word random_length;
    *length = NULL;
    switch (function) {
    case F_C_Sign: *length = (word *)a[4]; return (byte *)a[3];
    case F_C_SignFinal: *length = (word *)a[2]; return (byte *)a[1];
    case F_C_WrapKey: *length = (word *)a[5]; return (byte *)a[4];
    case F_C_GenerateRandom: random_length = a[2]; *length = &random_length; return (byte *)a[1];
    case F_C_GetSlotList: *length = (word *)a[2]; return NULL;
    case F_C_GetMechanismList: *length = (word *)a[2]; return NULL;
    case F_C_FindObjects: *length = (word *)a[3]; return NULL;
    case F_C_GetAttributeValue: *length = &((struct attribute *)a[2])->length; return ((struct attribute *)a[2])->value;
    default: return NULL;
    }
}

/* What an ML-DSA-65 public key has instead of a curve and a point. */
static void ml_dsa(const word *a, word set, word *result)
{
    static const byte value[1952] = {1};
    for (word i = 0; i < a[3]; i++) {
        struct attribute *attribute = (struct attribute *)a[2] + i;
        if (attribute->type == CKA_KEY_TYPE)
            *result = put_number(attribute, 0x4A);
        else if (attribute->type == CKA_PARAMETER_SET) {
            attribute->length = sizeof set;
            *result = put_number(attribute, set);
        } else if (attribute->type == CKA_VALUE) {
            attribute->length = sizeof value;
            *result = put(attribute, value, sizeof value);
        }
    }
}

static void lie(const word *a, word type, byte value, word *result)
{
    for (word i = 0; i < a[3]; i++) {
        struct attribute *attribute = (struct attribute *)a[2] + i;
        if (attribute->type != type)
            continue;
        if (type == CKA_VALUE) {
            memset(attribute->value, value, 32);
            attribute->length = 32;
            *result = CKR_OK;
        } else if (attribute->value && attribute->length == 1) {
            *attribute->value = value;
        }
    }
}

static void lie_number(const word *a, word type, word value)
{
    for (word i = 0; i < a[3]; i++) {
        struct attribute *attribute = (struct attribute *)a[2] + i;
        if (attribute->type == type && attribute->value && attribute->length == sizeof value)
            memcpy(attribute->value, &value, sizeof value);
    }
}

/* CK_TOKEN_INFO: the serial number is 16 bytes from byte 80 on, the flags follow. */
static void token_says(const word *a, byte serial, word flags)
{
    byte *info = (byte *)a[1];
    word old;
    if (serial)
        memset(info + 80, serial, 16);
    memcpy(&old, info + 96, sizeof old);
    old |= flags;
    memcpy(info + 96, &old, sizeof old);
}

static void token_escapes(const word *a)
{
    byte *info = (byte *)a[1];
    memcpy(info + 32, "\xff\xfe\xc3(\x9b" "31m", 8);
    memcpy(info + 64, "\x1b]0;x\x07\r\n", 9);
}

static void token_capitals(const word *a)
{
    byte *serial = (byte *)a[1] + 80;
    for (int i = 0; i < 16; i++)
        if (serial[i] >= 'a' && serial[i] <= 'z')
            serial[i] -= 32;
}

static void odd_mechanisms(const word *a)
{
    word *list = (word *)a[1];
    for (word i = 0; list && i < *(word *)a[2]; i++)
        list[i] = i % 2 ? ~0UL : list[0];
}

static void twist(int function, enum action action, const word *a, word *result)
{
    word *length;
    byte *bytes = written(function, a, &length);
    switch (action) {
    case GARBAGE:
        for (word i = 0; bytes && i < *length; i++)
            bytes[i] ^= 0xFF;
        break;
    case CONSTANT:
        if (bytes)
            memset(bytes, 0, *length);
        break;
    case SHORT:
        if (length && *length)
            *length -= 1;
        break;
    case LONG:
        if (length)
            *length += 100000;
        break;
    case EXTRACTABLE: lie(a, CKA_EXTRACTABLE, 1, result); break;
    case INSENSITIVE: lie(a, CKA_SENSITIVE, 0, result); break;
    case READABLE: lie(a, CKA_VALUE, 0x42, result); break;
    case ML_DSA_65: ml_dsa(a, 2, result); break;
    case OTHER_SET: ml_dsa(a, 4, result); break;
    case ZEROS: token_says(a, '0', 0); break;
    case NAMELESS: token_says(a, ' ', 0); break;
    case PIN_LOCKED: token_says(a, 0, 0x40000); break;
    case LAST_TRY: token_says(a, 0, 0x20000); break;
    case OFFICERS_LAST_TRY: token_says(a, 0, 0x200000); break;
    case PROTECTED: token_says(a, 0, 0x2); break;
    case PINPAD: token_says(a, 0, 0x100); break;
    case ESCAPES: token_escapes(a); break;
    case CAPITALS: token_capitals(a); break;
    case RSA_TYPE: lie_number(a, CKA_KEY_TYPE, 0); break;
    case ODD: odd_mechanisms(a); break;
    case LONGER:
        if (bytes)
            memset(bytes + *length, 0, 8);
        if (length)
            *length += 8;
        break;
    case CARD_CONTACT:
        memset((byte *)a[1] + 32, ' ', 32);
        memcpy((byte *)a[1] + 32, "www.CardContact.de", 18);
        break;
    case OVERRUN:
        if (bytes)
            memset(bytes, 0xEE, 100000);
        else
            memset((void *)a[arities[function] - 1], 0xEE, 100000);
        break;
    default: break;
    }
}

/* What needs no answer, because none comes or because the call is made afterwards. */
static void misbehave(enum action action)
{
    static const char line[] = "stub: SECRET-LOOKING LINE OF A MODULE\n";
    switch (action) {
    case HANG:
        for (;;)
            pause();
    case CRASH: *(volatile int *)8; break;
    case ABORT: abort();
    case EXIT: exit(7);
    case FLOOD:
        while (write(2, line, sizeof line - 1) > 0)
            ;
        break;
    case SHOUT: {
        int terminal = open("/dev/tty", O_WRONLY | O_CLOEXEC);
        if (write(1, line, sizeof line - 1) + write(2, line, sizeof line - 1) + write(terminal, line, sizeof line - 1) < 0)
            break;
        break;
    }
    case BURN:
        for (byte *block; (block = malloc(1 << 20));)
            *block = 1;
        break;
    case CLOSE:
        for (int file = 0; file < 1024; file++)
            close(file);
        break;
    case FORGE:
        for (int file = 3; file < 64; file++)
            if (write(file, line, sizeof line - 1) < 0)
                continue;
        break;
    case FORK:
        if (!fork())
            for (;;)
                pause();
        break;
    default: break;
    }
}

/* CKA_TOKEN of a template becomes true. */
static void stored(word template, word count)
{
    for (word i = 0; i < count; i++) {
        struct attribute *attribute = (struct attribute *)template + i;
        if (attribute->type == CKA_TOKEN)
            *attribute->value = 1;
    }
}

static void keep(int function, const word *a)
{
    if (function == F_C_CreateObject)
        stored(a[1], a[2]);
    else if (function == F_C_GenerateKeyPair) {
        stored(a[2], a[3]);
        stored(a[4], a[5]);
    } else if (function == F_C_UnwrapKey)
        stored(a[5], a[6]);
}

static void write_log(const char *when, int function, word count, word all)
{
    char line[128];
    if (!*log_path)
        return;
    int file = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0)
        die("cannot write", log_path);
    int length = snprintf(line, sizeof line, "%s%s %lu %lu\n", when, names[function], count, all);
    if (write(file, line, (size_t)length) != length)
        die("cannot write", log_path);
    close(file);
}

static int is_stopped(int process)
{
    char path[64], line[512];
    snprintf(path, sizeof path, "/proc/%d/stat", process);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = file < 0 ? 0 : read(file, line, sizeof line - 1);
    if (file >= 0)
        close(file);
    line[length > 0 ? length : 0] = 0;
    char *after = strrchr(line, ')');
    return after && after[1] && after[2] == 'T';
}

static void freeze(const char *when, int function, word count, word all)
{
    write_log(when, function, count, all);
    if (!was_started_as(" hsm-host")) {
        raise(SIGSTOP);
        return;
    }
    int program = getppid();
    kill(program, SIGSTOP);
    /* It may stand still and go on between two looks. */
    for (int i = 0; i < 5000 && !is_stopped(program); i++)
        usleep(200);
    while (is_stopped(program))
        usleep(200);
}

static void end_program(void)
{
    if (was_started_as(" hsm-host"))
        kill(getppid(), SIGKILL);
    kill(getpid(), SIGKILL);
}

static word call(int function, const word *a)
{
    struct rule rule = {.action = RETURN, .value = ~0UL};
    if (function == F_C_GetFunctionList)
        return C_GetFunctionList((const void **)a[0]);
    pthread_mutex_lock(&lock);
    if (function == F_C_Initialize)
        read_environment();
    word count = ++counts[function], all = ++total;
    for (int i = 0; i < rule_count; i++)
        if ((rules[i].function == -1 || rules[i].function == function) && count >= rules[i].first && count <= rules[i].last) {
            rule = rules[i];
            break;
        }
    if (!freezes)
        write_log("", function, count, all);
    int last = kill_at && (kill_function == -1 ? all : kill_function == function ? count : 0) == kill_at;
    pthread_mutex_unlock(&lock);

    if (freezes)
        freeze("before ", function, count, all);
    if (last && !kill_after)
        end_program();
    misbehave(rule.action);
    word result = rule.value;
    if (rule.action == IGNORE)
        result = CKR_OK;
    else if (rule.action == BURN)
        result = 2; /* CKR_HOST_MEMORY */
    else if (rule.action == LAZY && function == F_C_GetAttributeValue && a[3] > 1) {
        ((struct attribute *)a[2])->length = ~0UL;
        result = CKR_ATTRIBUTE_TYPE_INVALID;
    } else if (rule.action != RETURN || rule.value == ~0UL) {
        if (rule.action == KEEP)
            keep(function, a);
        result = !forward_list ? toy(function, a) : function == F_C_Initialize ? initialize(a) : forward(function, a);
        twist(function, rule.action, a, &result);
    }
    if (freezes)
        freeze("after ", function, count, all);
    if (last)
        end_program();
    return result;
}

/* --- the function list --- */

#define PARAMETERS_1 word a
#define PARAMETERS_2 PARAMETERS_1, word b
#define PARAMETERS_3 PARAMETERS_2, word c
#define PARAMETERS_4 PARAMETERS_3, word d
#define PARAMETERS_5 PARAMETERS_4, word e
#define PARAMETERS_6 PARAMETERS_5, word f
#define PARAMETERS_7 PARAMETERS_6, word g
#define PARAMETERS_8 PARAMETERS_7, word h
#define ARGUMENTS_1 a
#define ARGUMENTS_2 ARGUMENTS_1, b
#define ARGUMENTS_3 ARGUMENTS_2, c
#define ARGUMENTS_4 ARGUMENTS_3, d
#define ARGUMENTS_5 ARGUMENTS_4, e
#define ARGUMENTS_6 ARGUMENTS_5, f
#define ARGUMENTS_7 ARGUMENTS_6, g
#define ARGUMENTS_8 ARGUMENTS_7, h

#define X(name, arity) \
    static word own_##name(PARAMETERS_##arity) \
    { \
        const word arguments[8] = {ARGUMENTS_##arity}; \
        return call(F_##name, arguments); \
    }
FUNCTIONS(X)
#undef X

static const struct {
    byte major, minor;
    void *functions[FUNCTION_COUNT];
} list = {2, 40, {
#define X(name, arity) (void *)own_##name,
    FUNCTIONS(X)
#undef X
}};

EXPORT word C_GetFunctionList(const void **result)
{
    *result = &list;
    return CKR_OK;
}
