/* The hashes of a Merkle tree (RFC 9162) and nothing around them.
 *
 *   tree DEVICES LEAF-BYTES THREADS blocks|digests
 *
 * Prints milliseconds. With "digests" each message is hashed as libcrypto's manual has it: EVP_DigestInit_ex2, EVP_DigestUpdate,
 * EVP_DigestFinal_ex, in a context that is used again. With "blocks" every message is padded beforehand, and SHA256_Update over whole
 * blocks, which the manual advises against, is all that is done: what a build cannot go below. Structures as in libcrypto 3. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BLOCK = 64, HASH = 32, NODE = 1 + 2 * HASH, CHUNK = 4096, MAX_BLOCKS = 4, MAX_THREADS = 64 };

typedef struct { uint32_t h[8], length_low, length_high, data[16]; unsigned used, hash_bytes; } context_t;

static int (*init)(context_t *);
static int (*update)(context_t *, const void *, size_t);
static void *(*evp_fetch)(void *, const char *, const char *);
static void *(*evp_new)(void);
static int (*evp_init)(void *, const void *, const void *);
static int (*evp_update)(void *, const void *, size_t);
static int (*evp_final)(void *, unsigned char *, unsigned *);
static void *sha256; /* with "digests" */

typedef struct { long leaves; int leaf_bytes; uint32_t result; } share_t;

static __thread void *digest;

static void hash(const unsigned char *padded, int length, unsigned char *out)
{
    if (sha256) {
        evp_init(digest, sha256, NULL);
        evp_update(digest, padded, (size_t)length);
        evp_final(digest, out, NULL);
        return;
    }
    int blocks = (length + 9 + BLOCK - 1) / BLOCK;
    context_t context;
    init(&context);
    update(&context, padded, (size_t)blocks * BLOCK);
    memcpy(out, context.h, HASH);
}

static void pad(unsigned char *message, int length, int blocks)
{
    uint64_t bits = (uint64_t)length * 8;
    memset(message + length, 0, (size_t)(blocks * BLOCK - length));
    message[length] = 0x80;
    for (int i = 0; i < 8; i++)
        message[blocks * BLOCK - 1 - i] = (unsigned char)(bits >> (8 * i));
}

/* As many leaves as the share has, and a node less, chunk by chunk. */
static void *work(void *argument)
{
    share_t *share = argument;
    static __thread unsigned char hashes[CHUNK * HASH], leaf[MAX_BLOCKS * BLOCK], node[2 * BLOCK];
    if (sha256)
        digest = evp_new();
    pad(leaf, share->leaf_bytes, (share->leaf_bytes + 9 + BLOCK - 1) / BLOCK);
    node[0] = 1;
    pad(node, NODE, 2);
    for (long done = 0; done < share->leaves; done += CHUNK) {
        long count = share->leaves - done < CHUNK ? share->leaves - done : CHUNK;
        for (long i = 0; i < count; i++) {
            memcpy(leaf + 1, &done, sizeof done);
            memcpy(leaf + 9, &i, sizeof i);
            hash(leaf, share->leaf_bytes, hashes + i * HASH);
        }
        for (; count > 1; count = (count + 1) / 2)
            for (long i = 0; i + 1 < count; i += 2) {
                memcpy(node + 1, hashes + i * HASH, 2 * HASH);
                hash(node, NODE, hashes + i / 2 * HASH);
            }
        share->result ^= hashes[0];
    }
    return NULL;
}

int main(int count, char **arguments)
{
    void *library = dlopen("libcrypto.so.3", RTLD_NOW);
    if (count != 5 || !library)
        return fprintf(stderr, "%s\n", library ? "tree DEVICES LEAF-BYTES THREADS blocks|digests" : dlerror()), 1;
    init = (int (*)(context_t *))dlsym(library, "SHA256_Init");
    update = (int (*)(context_t *, const void *, size_t))dlsym(library, "SHA256_Update");
    evp_fetch = (void *(*)(void *, const char *, const char *))dlsym(library, "EVP_MD_fetch");
    evp_new = (void *(*)(void))dlsym(library, "EVP_MD_CTX_new");
    evp_init = (int (*)(void *, const void *, const void *))dlsym(library, "EVP_DigestInit_ex2");
    evp_update = (int (*)(void *, const void *, size_t))dlsym(library, "EVP_DigestUpdate");
    evp_final = (int (*)(void *, unsigned char *, unsigned *))dlsym(library, "EVP_DigestFinal_ex");
    if (!strcmp(arguments[4], "digests"))
        sha256 = evp_fetch(NULL, "SHA256", NULL);
    long devices = atol(arguments[1]);
    int threads = atoi(arguments[3]);
    if (!init || !update || threads < 1 || threads > MAX_THREADS || atoi(arguments[2]) > MAX_BLOCKS * BLOCK - 9)
        return 1;

    share_t shares[MAX_THREADS];
    pthread_t started[MAX_THREADS];
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    for (int i = 0; i < threads; i++) {
        shares[i] = (share_t){ devices / threads + (i < devices % threads), atoi(arguments[2]), 0 };
        pthread_create(&started[i], NULL, work, &shares[i]);
    }
    for (int i = 0; i < threads; i++)
        pthread_join(started[i], NULL);
    clock_gettime(CLOCK_MONOTONIC, &to);
    printf("%.1f", (to.tv_sec - from.tv_sec) * 1e3 + (to.tv_nsec - from.tv_nsec) / 1e6);
    return 0;
}
