using System.Runtime.CompilerServices;

// The Kestrel half of gRPC uses the frames of this half; they are of no use to anyone else.
[assembly: InternalsVisibleTo("LlmdAspire.ServiceDefaults")]
