using System.Collections.Frozen;
using System.Text;

namespace FacilityFeed.Domain.Shaping.Telephones;

/// <summary>Words beside a number that say what it is. Case is folded before; accents do not matter.</summary>
internal static class TelephoneWords
{
    private const string Accented = "àáâãäåāăąçćčďèéêëēėęěğìíîïīįıłñńňòóôõöøőřśšşťùúûüūůűųýÿźżž";
    private const string Plain = "aaaaaaaaacccdeeeeeeeegiiiiiiilnnnooooooorssstuuuuuuuuyyzzz";

    private static readonly FrozenSet<string> _telephone = Set(
        """
        t tel tels tél téls teléf tlf tlfn tfn tfno tlph telefon telefone telefono telefoon telefónica telefón teléfono teléfonos téléphone telephone
        telephones telefonen telefoni puhelin puh sími ph phone phones phoneno fon fone fono m mob mobil mobile mobiel mobilní mobilni móvil movil cell cel cellphone cellulare cellular celular handy
        natel gsm portable whatsapp landline festnetz fixe fijo hotline p c ruf durchwahl
        тел телефон телефоны моб мобильный мобилен τηλ τηλέφωνο τηλ هاتف تلفن טל טלפון 電話 电话 電話番号 手機 手机 전화 โทร โทรศัพท์ फोन
        """);

    // They say neither what answers nor that anything else does.
    private static readonly FrozenSet<string> _neutral = Set(
        """
        call calls office business reception rezeption zentrale central centrale contact contacts kontakt service services customer main emergency notruf direct home work free toll
        reservation reservations booking bookings büro praxis w h d s my our your mein meine unser unsere
        """);

    private static readonly FrozenSet<string> _number = Set("no nos nr nrs nº n° num number numbers nummer nummern numéro numero número nro numer numara numarası номер");

    private static readonly FrozenSet<string> _machine = Set(
        """
        f fx fax faxes faxline facsimile telefax telefacsimile faks telefaks faxanschluss télécopie télécopieur téléfax telecopia telecópia telecopier belgeç belgegeçer tty tdd pager pagers beeper
        faxová факс телефакс φαξ τηλεομοιοτυπία فاكس فکس פקס 傳真 传真 ファックス ファクス ファクシミリ 팩스 แฟกซ์ แฟ็กซ์
        """);

    private static readonly FrozenSet<string> _placesInFax = Set("halifax fairfax colfax carfax");

    private static readonly FrozenSet<string> _extension = Set("x ext extn xtn extension extensión ext int interno interne poste anexo ramal доб вн внутр extensao extensão toestel hausapparat wew 转 轉 分机 分機 內線 内線 내선");

    // Registers, taxes, accounts and post.
    private static readonly FrozenSet<string> _other = Set(
        """
        vat vatin ust ustid ustidnr uid mwst tva siret siren iva piva nif nie cif nipc cf hrb hra hrg regon nip krs pesel cvr ič ičo ico dič uen rut cnpj cpf cnae abn acn ssn kvk btw
        orgnr oib gst gstin npi fein duns eik bulstat cui nit ruc rfc cuit cuil eori инн огрн кпп егн license licence lic licencia licença licenza account acct konto iban bic blz kd kdnr kunden
        rechnung invoice facture factura fattura steuer plz zip cep postcode matricule matrícula registration αφμ ein pi fiscale fisc fiscal
        """);

    // Short ones that are common words, or places, as well: "Boise, ID 208-555-1234".
    private static readonly FrozenSet<string> _otherWithColon = Set("id ids tin pin tax org reg ref bin cin pan mat code key");

    /// <summary>A number for speaking, as a word beside it says.</summary>
    public static bool IsTelephone(string word) => Plainly(word) is var plain && (_telephone.Contains(plain) || Stem(plain) is { } stem && _telephone.Contains(stem));

    /// <summary>A word that says that there is a number, and not what for.</summary>
    public static bool IsNeutral(string word) => Plainly(word) is var plain && (_neutral.Contains(plain) || _number.Contains(plain) || Stem(plain) is { } stem && _neutral.Contains(stem));

    /// <summary>"Number" itself, which says nothing without the word before it.</summary>
    public static bool IsNumber(string word) => _number.Contains(Plainly(word));

    /// <summary>A number that a machine answers: a facsimile, a teletypewriter, a pager.</summary>
    public static bool IsMachine(string word) =>
        Plainly(word) is var plain && (_machine.Contains(plain) || Stem(plain) is { } stem && _machine.Contains(stem) || IsOfFax(plain));

    /// <summary>A number for nobody to call: a register's, a customer's, a postal code.</summary>
    /// <param name="word">The word before it.</param>
    /// <param name="hasColon">Whether a colon or <c>#</c> parts them.</param>
    public static bool IsOther(string word, bool hasColon)
    {
        var plain = Plainly(word);
        return _other.Contains(plain) || (hasColon && _otherWithColon.Contains(plain)) || (Stem(plain) is { } && !IsTelephone(word) && !IsNeutral(word) && !IsMachine(word));
    }

    /// <summary>What follows is dialled when the call is answered.</summary>
    public static bool IsExtension(string word) => _extension.Contains(word);

    /// <summary>Whether the word is known to say what a number is.</summary>
    public static bool IsKnown(string word) => IsTelephone(word) || IsNumber(word) || IsMachine(word) || IsExtension(word);

    // "steuernr", "kundennummer", "ordrenummer".
    private static string? Stem(string word) =>
        Array.Find(["nr", "no", "nummer", "number", "numer"], end => word.Length > end.Length + 1 && word.EndsWith(end, StringComparison.Ordinal)) is { } found
        && (found != "no" || _machine.Contains(word[..^2]) || _telephone.Contains(word[..^2]))
            ? word[..^found.Length] : null;

    // "efax", "bürofax"; "fax専用", where no space parts words.
    private static bool IsOfFax(string word) =>
        (word.EndsWith("fax", StringComparison.Ordinal) && !_placesInFax.Contains(word)) || (word.Length > 3 && word.StartsWith("fax", StringComparison.Ordinal) && word[3] >= 0x2E80);

    private static string Plainly(string word) =>
        Ascii.IsValid(word) ? word : string.Concat(word.Select(letter => Accented.IndexOf(letter) is >= 0 and var at ? Plain[at] : letter));

    private static FrozenSet<string> Set(string words) =>
        words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(Plainly).ToFrozenSet(StringComparer.Ordinal);
}
