/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that wait for work: one pool for the process, so that sessions do not add up to more
 * threads than one of them asked for. A call that finds it taken runs on its own thread alone. */
#ifndef PYNQ_LSTM_POOL_H
#define PYNQ_LSTM_POOL_H

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

enum { SPINS = 2000 };

/* One of `shares` shares of a job, which run at the same time, each on its own thread. */
typedef void share_function(void *job, int32_t share, int32_t shares);

static struct {
    pthread_mutex_t user; /* held by the call that uses the pool */
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t wake;
    int32_t threads;   /* that wait for work */
    atomic_int posted; /* counts jobs */
    atomic_int left;   /* shares that are not done */
    share_function *share;
    void *job;
    int32_t shares;
} pool = {.user = PTHREAD_MUTEX_INITIALIZER,
          .lock = PTHREAD_MUTEX_INITIALIZER,
          .wake = PTHREAD_COND_INITIALIZER};

struct newcomer {
    int32_t number;
    int seen;
};

static inline void relax(int spin)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
    if (spin % 64 == 63)
        sched_yield(); /* whom this waits for may want this core */
}

static void *pool_thread(void *argument)
{
    struct newcomer own = *(struct newcomer *)argument;
    free(argument);
    for (;;) { /* as long as the process lives */
        for (int spin = 0; spin < SPINS && atomic_load(&pool.posted) == own.seen; spin++)
            relax(spin);
        pthread_mutex_lock(&pool.lock);
        while (atomic_load(&pool.posted) == own.seen)
            pthread_cond_wait(&pool.wake, &pool.lock);
        own.seen = atomic_load(&pool.posted);
        share_function *share = own.number < pool.shares ? pool.share : NULL;
        void *job = pool.job;
        int32_t shares = pool.shares;
        pthread_mutex_unlock(&pool.lock);
        if (share) {
            share(job, own.number, shares);
            atomic_fetch_sub(&pool.left, 1);
        }
    }
    return NULL;
}

/* Threads until there are `threads` with the caller's own; whether there are. */
static int pool_grow(int32_t threads)
{
    pthread_attr_t detached;
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    while (pool.threads + 1 < threads) {
        struct newcomer *newcomer = malloc(sizeof *newcomer);
        pthread_t thread;
        if (!newcomer)
            break;
        *newcomer = (struct newcomer){pool.threads + 1, atomic_load(&pool.posted)};
        if (pthread_create(&thread, &detached, pool_thread, newcomer)) {
            free(newcomer); /* the system gives no more */
            break;
        }
        pool.threads++;
    }
    pthread_attr_destroy(&detached);
    return pool.threads + 1 >= threads;
}

/* A child after a fork has no threads but its own, and locks as its parent's other threads left
 * them. */
static void pool_of_child(void)
{
    pthread_mutex_init(&pool.user, NULL);
    pthread_mutex_init(&pool.lock, NULL);
    pthread_cond_init(&pool.wake, NULL);
    pool.threads = 0;
}

static void pool_watch_forks(void) { pthread_atfork(NULL, NULL, pool_of_child); }

/* Runs a job in shares; as a single one where the pool is in use or the system gives no threads. */
static void in_shares(share_function *share, void *job, int32_t shares)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    if (shares > 1) {
        pthread_once(&once, pool_watch_forks);
        if (pthread_mutex_trylock(&pool.user) == 0) {
            if (pool_grow(shares)) {
                pthread_mutex_lock(&pool.lock);
                pool.share = share;
                pool.job = job;
                pool.shares = shares;
                atomic_store(&pool.left, shares - 1);
                atomic_fetch_add(&pool.posted, 1);
                pthread_cond_broadcast(&pool.wake);
                pthread_mutex_unlock(&pool.lock);
                share(job, 0, shares);
                for (int spin = 0; atomic_load(&pool.left); spin++)
                    relax(spin);
                pthread_mutex_unlock(&pool.user);
                return;
            }
            pthread_mutex_unlock(&pool.user);
        }
    }
    share(job, 0, 1);
}

/* Where the shares of one job wait for each other. */
struct meeting {
    atomic_int arrived, over;
};

static inline void meet(struct meeting *meeting, int32_t shares)
{
    if (shares < 2)
        return;
    int before = atomic_load(&meeting->over);
    if (atomic_fetch_add(&meeting->arrived, 1) + 1 == shares) {
        atomic_store(&meeting->arrived, 0);
        atomic_fetch_add(&meeting->over, 1);
    } else
        for (int spin = 0; atomic_load(&meeting->over) == before; spin++)
            relax(spin);
}

#endif
