using System.Collections.Frozen;

namespace FacilityFeed.Domain.Shaping.Telephones;

/// <summary>Words beside a number that say what it is, in small letters.</summary>
internal static class TelephoneWords
{
    private static readonly FrozenSet<string> _telephone = Set(
        """
        t tel tels tél téls teléf tlf tlfn tfn tfno tlph telefon telefone telefono telefoon telefoonnummer telefonnummer telefonnr telefón teléfono teléfonos téléphone telephone
        telephones telefonen telefoni puhelin puh sími ph phone phones phoneno fon fone fono m mob mobil mobile mobiel mobilní mobilni móvil movil cell cel cellphone cellulare cellular celular handy
        natel gsm portable whatsapp call landline festnetz fixe fijo hotline office reception rezeption zentrale p c w h d no nr nº num number nummer numéro
        тел телефон телефоны моб мобильный мобилен τηλ τηλέφωνο τηλ هاتف تلفن טל טלפון 電話 电话 電話番号 手機 手机 전화 โทร โทรศัพท์ फोन
        """);

    private static readonly FrozenSet<string> _fax = Set("fax faxnr faxnummer telefax telefaks faks fx faxno f télécopie télécopieur faxová факс φαξ فاكس فکس פקס 傳真 传真 ファックス 팩스");

    private static readonly FrozenSet<string> _extension = Set("x ext extn xtn extension extensión ext int interno interne poste anexo ramal доб вн внутр extensao extensão toestel hausapparat wew 转 轉 分机 分機 內線 内線 내선");

    /// <summary>A number for speaking, as a word before it says.</summary>
    public static bool IsTelephone(string word) => _telephone.Contains(word);

    /// <summary>A number for facsimiles.</summary>
    public static bool IsFax(string word) => _fax.Contains(word);

    /// <summary>What follows is dialled when the call is answered.</summary>
    public static bool IsExtension(string word) => _extension.Contains(word);

    private static FrozenSet<string> Set(string words) => words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
}
