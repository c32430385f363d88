// Loaded into the agent by LD_PRELOAD: names that end in ".test" are looked up in the file
// $TEST_NAMES_FILE, which holds one address for all of them, or `none` (there is no such name) or
// `silent` (the name server does not answer until it says something else).
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef int LookUp(const char*, const char*, const struct addrinfo*, struct addrinfo**);

static int IsOurs(const char* name, const struct addrinfo* hints) {
  const size_t length = name == NULL ? 0 : strlen(name);
  if (hints != NULL && (hints->ai_flags & AI_NUMERICHOST) != 0) return 0;
  return length > 5 && strcmp(name + length - 5, ".test") == 0;
}

// Empty while the file is being written.
static void ReadAnswer(const char* path, char answer[64]) {
  FILE* file = fopen(path, "re");
  answer[0] = '\0';
  if (file == NULL) return;
  if (fscanf(file, "%63s", answer) != 1) answer[0] = '\0';
  fclose(file);
}

int getaddrinfo(const char* restrict name, const char* restrict service,
                const struct addrinfo* restrict hints, struct addrinfo** restrict result) {
  LookUp* const next = (LookUp*)dlsym(RTLD_NEXT, "getaddrinfo");
  const char* path = getenv("TEST_NAMES_FILE");
  if (path == NULL || !IsOurs(name, hints)) return next(name, service, hints, result);
  for (;;) {
    char answer[64];
    ReadAnswer(path, answer);
    if (strcmp(answer, "none") == 0) return EAI_NONAME;
    if (answer[0] != '\0' && strcmp(answer, "silent") != 0) {
      return next(answer, service, hints, result);
    }
    usleep(20000);
  }
}
