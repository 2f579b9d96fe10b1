/* FOU and GUE as programs of the kernel, beside the gateway in user space, which stays the reference: they take what they understand to the
 * last bit and leave it the rest. tcx ingress of the underlay: decapsulate; native XDP there: xdp_strip; tcx egress of the tunnel device:
 * encapsulate. Linux 6.6 or newer; `build` makes the object that the gateway loads. */
#include "packet.h"
#include "decapsulate.h"
#include "encapsulate.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";
