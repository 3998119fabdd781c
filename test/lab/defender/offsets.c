/* Prints where a C compiler puts the fields of MpClient's structures, as JSON. */
#include <stddef.h>
#include <stdio.h>
#include "mpclient.h"

#define AT(type, field) printf("  \"%s.%s\": %zu,\n", #type, #field, offsetof(type, field))
#define SIZE(type) printf("  \"%s\": %zu,\n", #type, sizeof(type))

int main(void) {
  printf("{\n");
  SIZE(MPCALLBACK_INFO);
  AT(MPCALLBACK_INFO, Function);
  AT(MPCALLBACK_INFO, Context);
  SIZE(MPCALLBACK_DATA);
  AT(MPCALLBACK_DATA, Notify);
  AT(MPCALLBACK_DATA, hResult);
  AT(MPCALLBACK_DATA, Type);
  AT(MPCALLBACK_DATA, Data);
  SIZE(MPSIGUPDATE_DATA);
  AT(MPSIGUPDATE_DATA, dwPercentComplete);
  AT(MPSIGUPDATE_DATA, dwTotalUpdates);
  AT(MPSIGUPDATE_DATA, dwCurrentUpdateIndex);
  AT(MPSIGUPDATE_DATA, eType);
  AT(MPSIGUPDATE_DATA, Stage);
  AT(MPSIGUPDATE_DATA, Path);
  SIZE(MPCOMPONENT_VERSION);
  AT(MPCOMPONENT_VERSION, Version);
  AT(MPCOMPONENT_VERSION, UpdateTime);
  SIZE(MPVERSION_INFO);
  AT(MPVERSION_INFO, Product);
  AT(MPVERSION_INFO, Service);
  AT(MPVERSION_INFO, Engine);
  AT(MPVERSION_INFO, ASSignature);
  AT(MPVERSION_INFO, AVSignature);
  AT(MPVERSION_INFO, NISEngine);
  AT(MPVERSION_INFO, NISSignature);
  SIZE(MPSTATUS_INFO);
  AT(MPSTATUS_INFO, ProductStatus);
  printf("  \"pointer\": %zu\n}\n", sizeof(void *));
  return 0;
}
