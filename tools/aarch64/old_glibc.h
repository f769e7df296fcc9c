/* Included before every source of a wheel: names that glibc 2.34 moved from libpthread to libc keep
 * the version that they have had since an architecture's first glibc, so that older ones serve too. */
#if defined(__x86_64__)
#define SINCE "GLIBC_2.2.5"
#elif defined(__aarch64__)
#define SINCE "GLIBC_2.17"
#endif
#define OLD(name) __asm__(".symver " #name ", " #name "@" SINCE)
OLD(pthread_create);
OLD(pthread_once);
OLD(pthread_mutex_trylock);
OLD(pthread_join);
OLD(pthread_detach);
#undef OLD
#undef SINCE
