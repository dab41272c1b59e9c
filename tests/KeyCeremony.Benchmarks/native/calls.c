/* The same PKCS#11 calls as the program makes, from C and nothing around them: what a binding cannot go below.
 *
 *   calls MODULE TOKEN-LABEL USER-PIN KEY-ID-HEX HASH-BYTES BATCHES BATCH-SIZE
 *
 * Prints two numbers: nanoseconds of a C_GetSessionInfo, and of a C_SignInit with C_Sign (CKM_ECDSA). Each is
 * that of the fastest batch. Structures as in PKCS#11 2.40 on 64-bit Linux: every integer a long, natural alignment. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef unsigned long ulong_t;
typedef struct { unsigned char major, minor; } version_t;
typedef struct { ulong_t type; void *value; ulong_t length; } attribute_t;
typedef struct { ulong_t mechanism; void *parameter; ulong_t length; } mechanism_t;
typedef struct { ulong_t slot, state, flags, error; } session_info_t;
typedef ulong_t (*call_t)();

/* Positions in CK_FUNCTION_LIST, counted from its first function. */
enum { INITIALIZE = 0, GET_SLOT_LIST = 4, GET_TOKEN_INFO = 6, OPEN_SESSION = 12, GET_SESSION_INFO = 15, LOGIN = 18,
       FIND_INIT = 26, FIND = 27, FIND_FINAL = 28, SIGN_INIT = 42, SIGN = 43 };
enum { CKF_RW_SERIAL = 6, CKU_USER = 1, CKO_PRIVATE_KEY = 3, CKA_CLASS = 0, CKA_ID = 0x102, CKM_ECDSA = 0x1041 };

struct function_list { version_t version; call_t call[68]; };

static void must(ulong_t answer, const char *what)
{
    if (answer != 0) {
        fprintf(stderr, "%s: 0x%lx\n", what, answer);
        exit(1);
    }
}

static struct function_list *load(const char *path)
{
    struct function_list *list = NULL;
    void *module = dlopen(path, RTLD_NOW);
    call_t get = module ? (call_t)dlsym(module, "C_GetFunctionList") : NULL;
    if (!get) {
        fprintf(stderr, "%s\n", dlerror());
        exit(1);
    }
    must(get(&list), "C_GetFunctionList");
    must(list->call[INITIALIZE](NULL), "C_Initialize");
    return list;
}

static ulong_t open_session(struct function_list *p11, const char *label, const char *pin)
{
    ulong_t slots[64], count = 64, session = 0;
    must(p11->call[GET_SLOT_LIST](1, slots, &count), "C_GetSlotList");
    for (ulong_t i = 0; i < count; i++) {
        char info[512] = {0}; /* CK_TOKEN_INFO begins with the label, 32 characters padded with blanks. */
        must(p11->call[GET_TOKEN_INFO](slots[i], info), "C_GetTokenInfo");
        if (strncmp(info, label, strlen(label)) == 0 && info[strlen(label)] == ' ') {
            must(p11->call[OPEN_SESSION](slots[i], (ulong_t)CKF_RW_SERIAL, NULL, NULL, &session), "C_OpenSession");
            must(p11->call[LOGIN](session, (ulong_t)CKU_USER, pin, (ulong_t)strlen(pin)), "C_Login");
            return session;
        }
    }
    fprintf(stderr, "no token %s\n", label);
    exit(1);
}

static ulong_t find_key(struct function_list *p11, ulong_t session, const char *hex)
{
    unsigned char id[64];
    ulong_t length = strlen(hex) / 2, class = CKO_PRIVATE_KEY, key = 0, found = 0;
    for (ulong_t i = 0; i < length; i++)
        sscanf(hex + 2 * i, "%2hhx", &id[i]);
    attribute_t wanted[] = {{CKA_CLASS, &class, sizeof class}, {CKA_ID, id, length}};
    must(p11->call[FIND_INIT](session, wanted, 2UL), "C_FindObjectsInit");
    must(p11->call[FIND](session, &key, 1UL, &found), "C_FindObjects");
    must(p11->call[FIND_FINAL](session), "C_FindObjectsFinal");
    must(found == 1 ? 0 : 1, "the key is not there");
    return key;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}

static double fastest(const double *values, int count)
{
    double least = values[0];
    for (int i = 1; i < count; i++)
        least = values[i] < least ? values[i] : least;
    return least;
}

int main(int argc, char **argv)
{
    if (argc != 8)
        return 2;
    struct function_list *p11 = load(argv[1]);
    ulong_t session = open_session(p11, argv[2], argv[3]), key = find_key(p11, session, argv[4]), length = strtoul(argv[5], NULL, 10);
    int batches = atoi(argv[6]), size = atoi(argv[7]);
    double *took = calloc(batches, sizeof *took);
    session_info_t info;
    unsigned char hash[64] = {7}, signature[256];
    mechanism_t ecdsa = {CKM_ECDSA, NULL, 0};

    for (int b = 0; b < batches; b++) {
        double start = now();
        for (int i = 0; i < size * 100; i++) /* the calls are hundreds of times shorter than a signature */
            must(p11->call[GET_SESSION_INFO](session, &info), "C_GetSessionInfo");
        took[b] = (now() - start) / (size * 100.0);
    }
    printf("%.1f", fastest(took, batches));

    for (int b = 0; b < batches; b++) {
        double start = now();
        for (int i = 0; i < size; i++) {
            ulong_t written = sizeof signature;
            must(p11->call[SIGN_INIT](session, &ecdsa, key), "C_SignInit");
            must(p11->call[SIGN](session, hash, length, signature, &written), "C_Sign");
        }
        took[b] = (now() - start) / size;
    }
    printf(" %.1f\n", fastest(took, batches));
    return 0;
}
