using FacilityFeed.Domain.Writing;

namespace FacilityFeed.Tests.Support;

/// <summary>Gives some bytes, then something happens, then more bytes.</summary>
public sealed class Interrupted(Action happens, int length = 500_000) : MemoryStream(new byte[length])
{
    private bool _hasHappened;

    /// <summary>Content in the middle of which something happens.</summary>
    public static ObjectContent Content(Action happens, int length = 500_000) =>
        ObjectContent.Of(new byte[length]) with { OpenRead = () => new Interrupted(happens, length) };

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Interrupt();
        return await base.ReadAsync(buffer, cancellationToken);
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        Interrupt();
        return base.Read(buffer, offset, count);
    }

    private void Interrupt()
    {
        if (Position > Length * 2 / 5 && !_hasHappened)
        {
            _hasHappened = true;
            happens();
        }
    }
}
