//! Countries: how names, addresses and phone numbers look there.
//!
//! Lists are separated by `; `. A word that is not plain ASCII has its spelling in addresses after
//! a colon (`Jürgen:juergen`): how to spell it differs by language, and no table would know.
//! Patterns are those of [`Random::fill`](crate::random::Random::fill). Family names are the same
//! for women and men, because they are put together by chance.

/// A country with companies and people.
pub(crate) struct Market {
    /// The last line of its addresses.
    pub(crate) country: &'static str,
    /// How common it is among the companies.
    pub(crate) weight: usize,
    /// Its cities: name, the line of an address, the phone number of an office.
    pub(crate) cities: &'static [(&'static str, &'static str, &'static str)],
    /// Patterns of mobile numbers, where some are kept for fiction.
    pub(crate) mobile: Option<&'static str>,
    /// Patterns of the first line of an address.
    pub(crate) streets: &'static str,
    /// What a company's name is put into.
    pub(crate) firms: &'static str,
    /// Where the alphabet is another: what a family name is put into, the same in addresses, and
    /// the industry that this says.
    pub(crate) local_firms: &'static [(&'static str, &'static str, &'static str)],
    /// First names.
    pub(crate) first_names: &'static str,
    /// Family names.
    pub(crate) last_names: &'static str,
}

/// The countries.
///
/// Phone numbers are of ranges kept for fiction (555-01xx in North America; those of Ofcom, ARCEP,
/// the Bundesnetzagentur and PTS); elsewhere local numbers begin with zeros, as none does.
pub(crate) static MARKETS: [Market; 11] = [
    Market {
        country: "United States",
        weight: 22,
        cities: &[
            ("Portland", "Portland, OR 972##", "+1-503-555-01##"),
            ("Chicago", "Chicago, IL 606##", "+1-312-555-01##"),
            ("Austin", "Austin, TX 787##", "+1-512-555-01##"),
            ("Boston", "Boston, MA 021##", "+1-617-555-01##"),
            ("Denver", "Denver, CO 802##", "+1-303-555-01##"),
            ("Seattle", "Seattle, WA 981##", "+1-206-555-01##"),
            ("Washington", "Washington, DC 200##", "+1-202-555-01##"),
        ],
        mobile: None,
        streets: "%## Market Street; %##% Harbor Avenue, Suite %##; %### Lakeview Drive; \
            %# Maple Street; %##% Industrial Parkway; %## W 4th Street, Floor %",
        firms: "{} Inc.; {} LLC; {} Corp.; {}; {} Co.",
        local_firms: &[],
        first_names: "James; Mary; Michael; Linda; David; Patricia; Daniel; Susan; Anthony; Emily; \
            Marcus; Latoya; Carlos; Sofia; Kevin; Grace; Tyler; Hannah; Andre; Brooke; Ethan; \
            Olivia; Jamal; Priya; Wei; Mei; Minh; José:jose; María:maria; Zoë:zoe",
        last_names: "Johnson; Williams; Miller; Davis; Martinez; Anderson; Thompson; Robinson; \
            Walker; Nguyen; Hernández:hernandez; O'Connor; McAllister; Patel; Kim; Chen; Carter; \
            Brooks; Coleman; Hayes; Sullivan; Peterson; Rivera; Núñez:nunez; Jefferson; Whitaker; \
            Delgado; Ortiz; Freeman; Schultz",
    },
    Market {
        country: "United Kingdom",
        weight: 14,
        cities: &[
            ("London", "London EC2A %@@", "+44 20 7946 0###"),
            ("Bristol", "Bristol BS% %@@", "+44 117 496 0###"),
            ("Manchester", "Manchester M% %@@", "+44 161 496 0###"),
            ("Leeds", "Leeds LS% %@@", "+44 113 496 0###"),
            ("Edinburgh", "Edinburgh EH% %@@", "+44 131 496 0###"),
        ],
        mobile: Some("+44 7700 900###"),
        streets: "%# Harbour Road; % Station Approach; %# Victoria Street; \
            Unit %, Riverside Business Park; %## Mill Lane; %# Queen's Square",
        firms: "{} Ltd; {} Limited; {} plc; {} LLP; {}",
        local_firms: &[],
        first_names: "Oliver; Amelia; Harry; Isla; George; Charlotte; Alistair; Fiona; Callum; \
            Eleanor; Rhys; Siân:sian; Aisha; Imran; Rajesh; Anjali; Niamh; Declan; Chloë:chloe; \
            Hamish; Poppy; Nigel; Philippa; Kwame; Abigail; Dylan",
        last_names: "Smith; Jones; Taylor; Hughes; Evans; Wright; Fletcher; Ashworth; MacDonald; \
            Campbell; O'Brien; Murphy; Ahmed; Khan; Singh; Shah; Okafor; Bennett; Whitfield; \
            Pemberton; Hargreaves; Lloyd; Griffiths; Fraser; Barlow; Thorne; Sinclair",
    },
    Market {
        country: "Germany",
        weight: 13,
        cities: &[
            ("Berlin", "10### Berlin", "+49 30 23125 ###"),
            ("Hamburg", "20### Hamburg", "+49 40 66969 ###"),
            ("München:muenchen", "80### München", "+49 89 99998 ###"),
            ("Köln:koeln", "50### Köln", "+49 221 4710 ###"),
            ("Frankfurt", "60### Frankfurt am Main", "+49 69 90009 ###"),
        ],
        mobile: Some("+49 171 39200 ##"),
        streets: "Lindenstraße %#; Hauptstraße %##; Am Güterbahnhof %; Goethestraße %#; \
            Industriestraße %#; Mühlenweg %#",
        firms: "{} GmbH; {} GmbH; {} AG; {} GmbH & Co. KG; {} KG",
        local_firms: &[],
        first_names: "Anna; Jürgen:juergen; Björn:bjoern; Käthe:kaethe; Lukas; Sabine; Matthias; \
            Ute; Stefan; Jörg:joerg; Heike; Leonie; Maximilian; Sören:soeren; Birgit; Tobias; \
            Franziska; Günther:guenther; Katharina; Moritz; Emre; Aylin; Petra; Holger",
        last_names: "Müller:mueller; Schäfer:schaefer; Köhler:koehler; Groß:gross; Weiß:weiss; \
            Hoffmann; Brandt; Keller; Krüger:krueger; Vogel; Böhm:boehm; Lehmann; Yılmaz:yilmaz; \
            Schröder:schroeder; Jäger:jaeger; Winkler; Zimmermann; Lindner; Kühn:kuehn; Bauer; \
            Friedrich; Ostermann; Reuter; Hübner:huebner; Seidel; Dietrich",
    },
    Market {
        country: "France",
        weight: 10,
        cities: &[
            ("Paris", "750## Paris", "+33 1 99 00 ## ##"),
            ("Lyon", "6900% Lyon", "+33 4 65 71 ## ##"),
            ("Nantes", "44#00 Nantes", "+33 2 61 91 ## ##"),
            ("Lille", "59#00 Lille", "+33 3 53 01 ## ##"),
            ("Bordeaux", "33#00 Bordeaux", "+33 5 36 49 ## ##"),
        ],
        mobile: Some("+33 6 39 98 ## ##"),
        streets: "%# rue des Tilleuls; % place de l'Hôtel de Ville; %# avenue Jean Jaurès; \
            %## boulevard Voltaire; % impasse du Moulin; ZI Nord, % rue de l'Industrie",
        firms: "{} SAS; {} SARL; {} SA; {}",
        local_firms: &[],
        first_names: "Camille; Élodie:elodie; François:francois; Hélène:helene; Jérôme:jerome; \
            Maëlle:maelle; Théo:theo; Zoé:zoe; Aurélie:aurelie; Jean-Pierre; Noémie:noemie; \
            Mathieu; Benoît:benoit; Anaïs:anais; Karim; Leïla:leila; Luc; Margaux; Gaël:gael; \
            Véronique:veronique; Antoine; Inès:ines; Raphaël:raphael; Solène:solene",
        last_names: "Martin; Lefèvre:lefevre; Dubois; Moreau; Girard; Béranger:beranger; Fournier; \
            Chevalier; Rousseau; Besançon:besancon; Le Goff:legoff; Garnier; Faure; Benali; \
            Mercier; Renaud; Géraud:geraud; Perrin; Lacroix; Vidal; Noël:noel; Charpentier; \
            Bouvier; Delacourt; Haddad; Roussel",
    },
    Market {
        country: "Poland",
        weight: 6,
        cities: &[
            ("Warszawa", "00-### Warszawa", "+48 22 000 ## ##"),
            ("Kraków:krakow", "30-### Kraków", "+48 12 000 ## ##"),
            ("Gdańsk:gdansk", "80-### Gdańsk", "+48 58 000 ## ##"),
            ("Łódź:lodz", "90-### Łódź", "+48 42 000 ## ##"),
        ],
        mobile: None,
        streets: "ul. Długa %#; ul. Mickiewicza %#/%; al. Niepodległości %##; ul. Fabryczna %; \
            ul. Świętego Ducha %#",
        firms: "{} Sp. z o.o.; {} S.A.; {} Sp. z o.o. Sp. k.",
        local_firms: &[],
        first_names: "Agnieszka; Błażej:blazej; Grażyna:grazyna; Jakub; Łukasz:lukasz; Małgorzata:\
            malgorzata; Michał:michal; Paweł:pawel; Żaneta:zaneta; Katarzyna; Tomasz; Zofia; \
            Wojciech; Bożena:bozena; Krzysztof; Elżbieta:elzbieta; Stanisław:stanislaw; Iwona",
        last_names: "Nowak; Wójcik:wojcik; Kowalczyk; Woźniak:wozniak; Mazur; Król:krol; Wieczorek; \
            Stępień:stepien; Dudek; Pietrzak; Zając:zajac; Gołąb:golab; Wróbel:wrobel; Sikora; \
            Żak:zak; Baran; Kaczmarek; Bąk:bak; Szczepaniak; Śliwa:sliwa",
    },
    Market {
        country: "Sweden",
        weight: 5,
        cities: &[
            ("Stockholm", "11% ## Stockholm", "+46 8 465 004 ##"),
            ("Göteborg:goteborg", "41% ## Göteborg", "+46 31 390 06 ##"),
            ("Malmö:malmo", "21% ## Malmö", "+46 40 628 04 ##"),
        ],
        mobile: Some("+46 70 174 06 %#"),
        streets: "Storgatan %#; Kungsgatan %#; Hamngatan %; Industrivägen %#; Björkvägen %#",
        firms: "{} AB; {} AB; {} Handelsbolag",
        local_firms: &[],
        first_names: "Åsa:asa; Björn:bjorn; Elin; Göran:goran; Håkan:hakan; Ingrid; Jonas; Karin; \
            Lars; Märta:marta; Nils; Örjan:orjan; Pär:par; Sigrid; Tove; Ulrika; Wilhelm; \
            Åke:ake; Astrid; Amir",
        last_names: "Andersson; Åkesson:akesson; Bergström:bergstrom; Dahl; Ekström:ekstrom; \
            Forsberg; Öberg:oberg; Hedlund; Lindqvist; Löfgren:lofgren; Nyström:nystrom; \
            Sjöberg:sjoberg; Söderlund:soderlund; Wallin; Ångström:angstrom; Holm; Sandberg",
    },
    Market {
        country: "Türkiye",
        weight: 5,
        cities: &[
            ("İstanbul:istanbul", "34### İstanbul", "+90 212 000 ## ##"),
            ("Ankara", "06### Ankara", "+90 312 000 ## ##"),
            ("İzmir:izmir", "35### İzmir", "+90 232 000 ## ##"),
        ],
        mobile: None,
        streets: "Atatürk Caddesi No: %#; Cumhuriyet Bulvarı No: %##/%; İnönü Sokak No: %; \
            Çiçek Sokak No: %#; Sanayi Mahallesi No: %#",
        firms: "{} A.Ş.; {} Ltd. Şti.",
        local_firms: &[],
        first_names: "Ayşe:ayse; İbrahim:ibrahim; Çağla:cagla; Ömer:omer; Işıl:isil; Emre; Zeynep; \
            Mehmet; Elif; Burak; Gülşen:gulsen; Deniz; Yiğit:yigit; Nazlı:nazli; Kerem; \
            Özge:ozge; Şule:sule; Tolga; İrem:irem; Ufuk",
        last_names: "Yılmaz:yilmaz; Kaya; Demir; Çelik:celik; Şahin:sahin; Yıldız:yildiz; \
            Öztürk:ozturk; Aydın:aydin; Arslan; Doğan:dogan; Kılıç:kilic; Aslan; Koç:koc; \
            Güneş:gunes; Işık:isik; Ünal:unal; Korkmaz; İnan:inan",
    },
    Market {
        country: "Ukraine",
        weight: 7,
        cities: &[
            ("Kyiv", "030## Київ", "+380 44 000 ## ##"),
            ("Lviv", "790## Львів", "+380 32 000 ## ##"),
            ("Odesa", "650## Одеса", "+380 48 000 ## ##"),
        ],
        mobile: None,
        streets: "вул. Шевченка, %#; вул. Саксаганського, %#, офіс %#; просп. Свободи, %#; \
            вул. Промислова, %",
        firms: "{} LLC; {} PJSC; {}",
        local_firms: &[
            ("ТОВ «{} і партнери»", "{}-partnery", "Consulting"),
            ("ТОВ «{} Логістика»", "{}-lohistyka", "Transport and logistics"),
            ("ТОВ «{} Агро»", "{}-ahro", "Agriculture"),
            ("Пекарня «{}»", "{}-pekarnia", "Food and beverages"),
        ],
        first_names: "Олександр:oleksandr; Ірина:iryna; Андрій:andrii; Олена:olena; Юрій:yurii; \
            Наталія:nataliia; Тарас:taras; Оксана:oksana; Богдан:bohdan; Людмила:liudmyla; \
            Дмитро:dmytro; Соломія:solomiia; Євген:yevhen; Ганна:hanna; Сергій:serhii; \
            Катерина:kateryna; Ярослав:yaroslav; Вікторія:viktoriia; Максим:maksym; Єва:yeva",
        last_names: "Шевченко:shevchenko; Мельник:melnyk; Бондаренко:bondarenko; Коваль:koval; \
            Ткаченко:tkachenko; Кравчук:kravchuk; Олійник:oliinyk; Лисенко:lysenko; Гончар:honchar; \
            Савченко:savchenko; Павлюк:pavliuk; Єременко:yeremenko; Юрченко:yurchenko; \
            Захарчук:zakharchuk; Ігнатенко:ihnatenko; Щербак:shcherbak; Чорновіл:chornovil; \
            Руденко:rudenko; Федорук:fedoruk; Ґудзь:gudz",
    },
    Market {
        country: "Greece",
        weight: 4,
        cities: &[
            ("Athens", "10# ## Αθήνα", "+30 210 000 ####"),
            ("Thessaloniki", "54# ## Θεσσαλονίκη", "+30 2310 000 ###"),
            ("Patras", "26# ## Πάτρα", "+30 2610 000 ###"),
        ],
        mobile: None,
        streets: "Ερμού %#; Λεωφόρος Κηφισίας %##; Αγίου Νικολάου %; Εγνατία %#; Ακτή Δυμαίων %#",
        firms: "{} S.A.; {} Ltd; {}",
        local_firms: &[
            ("{} Α.Ε.", "{}-ae", "Manufacturing"),
            ("Αφοί {} Ο.Ε.", "afoi-{}", "Retail"),
            ("{} Ναυτιλιακή", "{}-naftiliaki", "Transport and logistics"),
        ],
        first_names: "Γιώργος:giorgos; Μαρία:maria; Δημήτρης:dimitris; Ελένη:eleni; Νίκος:nikos; \
            Κατερίνα:katerina; Αλέξανδρος:alexandros; Σοφία:sofia; Θανάσης:thanasis; Άννα:anna; \
            Χρήστος:christos; Ιωάννα:ioanna; Στέλιος:stelios; Φωτεινή:foteini; Όλγα:olga",
        last_names: "Αλεξίου:alexiou; Βασιλείου:vasileiou; Γεωργίου:georgiou; Δημητρίου:dimitriou; \
            Ιωάννου:ioannou; Κωνσταντίνου:konstantinou; Νικολάου:nikolaou; Οικονόμου:oikonomou; \
            Παπανικολάου:papanikolaou; Αθανασίου:athanasiou; Στεφάνου:stefanou; \
            Χριστοδούλου:christodoulou; Θεοδώρου:theodorou; Αναστασίου:anastasiou",
    },
    Market {
        country: "Japan",
        weight: 4,
        cities: &[
            ("Tokyo", "Tokyo 10#-00##", "+81 3 0000 ####"),
            ("Osaka", "Osaka 53#-00##", "+81 6 0000 ####"),
            ("Nagoya", "Nagoya 46#-00##", "+81 52 000 ####"),
        ],
        mobile: None,
        streets: "%-%-%# Marunouchi; %-%# Honmachi; %-%-% Sakae; %-%# Midorigaoka, %F",
        firms: "{} K.K.; {} Co., Ltd.",
        local_firms: &[
            ("{}商事株式会社", "{}-shoji", "Wholesale"),
            ("株式会社{}製作所", "{}-seisakusho", "Manufacturing"),
            ("{}建設株式会社", "{}-kensetsu", "Construction"),
        ],
        first_names: "健太:kenta; 陽子:yoko; 大輔:daisuke; 美咲:misaki; 翔太:shota; 恵子:keiko; \
            拓也:takuya; 由美:yumi; 誠:makoto; さくら:sakura; 直樹:naoki; 千尋:chihiro; \
            エミリ:emiri; 浩:hiroshi; 明美:akemi",
        last_names: "佐藤:sato; 鈴木:suzuki; 高橋:takahashi; 田中:tanaka; 渡辺:watanabe; 伊藤:ito; \
            山本:yamamoto; 中村:nakamura; 小林:kobayashi; 加藤:kato; 吉田:yoshida; 松本:matsumoto; \
            井上:inoue; 木村:kimura; 林:hayashi; 清水:shimizu",
    },
    Market {
        country: "United Arab Emirates",
        weight: 2,
        cities: &[
            ("Dubai", "Dubai", "+971 4 000 ####"),
            ("Abu Dhabi", "Abu Dhabi", "+971 2 000 ####"),
        ],
        mobile: None,
        streets: "Office %##, Al Noor Tower; P.O. Box %####; Warehouse %#, Industrial Area %",
        firms: "{} LLC; {} FZE",
        local_firms: &[
            ("شركة {} للتجارة", "{}-trading", "Wholesale"),
            ("مجموعة {} العقارية", "{}-aqar", "Real estate"),
        ],
        first_names: "محمد:mohammed; فاطمة:fatima; أحمد:ahmed; مريم:mariam; خالد:khalid; نورة:noura; \
            يوسف:yousef; ليلى:layla; عمر:omar; سارة:sara; حسن:hassan; هند:hind",
        last_names: "الهاشمي:alhashimi; المنصوري:almansoori; الزعابي:alzaabi; الكعبي:alkaabi; \
            النعيمي:alnuaimi; الشامسي:alshamsi; حداد:haddad; خوري:khoury; ناصر:nasser; \
            صالح:saleh; إبراهيم:ibrahim; المهيري:almheiri",
    },
];
