using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace LlmdAspire.Router.Authentication;

/// <summary>What is kept of a key: its SHA-256, from which nobody reads the key.</summary>
internal readonly record struct KeyHash(UInt128 First, UInt128 Second)
{
    public static KeyHash Of(string key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        _ = SHA256.HashData(Encoding.UTF8.GetBytes(key), hash);
        return new(MemoryMarshal.Read<UInt128>(hash), MemoryMarshal.Read<UInt128>(hash[16..]));
    }
}
