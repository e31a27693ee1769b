package main

import "strings"

// edges are texts at the edges of each rule.
var edges = []string{
	"", " ", "\n", "\r", "\r\n", "\n\n\n", "a", "a\nb", "a\r\nb", "a\rb", "\u00a0", "\u2028", "\x00", "\x1b[1m",

	// bold, italic, strike, small
	"**a**", "**a", "a**", "****", "**", "** **", "**\n**", "**a\nb**", "**a**b**", "a**b**c", "**a*b*c**", "**<b>a</b>**", "**<b>a**</b>", "** a **",
	"__a__", "__a b　c\td1__", "__あ__", "__a", "____", "__a_", "_a__", "__a-b__", "a__b__", "__a\nb__", "__a__b__c__",
	"<b>a</b>", "<b></b>", "<b>a", "</b>", "<B>a</B>", "<b>a\nb</b>", "<b>a<b>b</b>c</b>", "<b>a</b", "<b >a</b>",
	"*a*", "a*b*", "1*b*", "あ*b*", "_*b*", "*a b*", "*a", "**a*", "*a**", "* *", "*あ*", "*a\nb*", "*\t*", "*　*",
	"_a_", "a_b_", "Z_b_", "あ_b_", "_a b_", "_a", "__a_", "_a__", "_ _", "snake_case_name", "_a_b_c_",
	"<i>a</i>", "<i>*a*</i>", "<i>a", "<i></i>", "<i>a</i>b</i>",
	"~~a~~", "~~a", "~~~~", "~~~", "~a~", "~~a\nb~~", "~~a\rb~~", "~~<b>a\nb</b>~~", "~~a~~b~~", "~~~a~~~", "<s>a</s>", "<s>a\nb</s>", "<s>", "<s></s>", "<strike>a</strike>",
	"<small>a</small>", "<small>a", "<small></small>", "<small>**a**</small>", "<small>a\n\nb</small>",
	"***a***", "***a**", "**a***", "***", "******", "***a", "***a*** ***b***", "****a****", "*****a*****", "***a\nb***", "*** a ***", "**a**b***",

	// fn
	"$[x2 a]", "$[x2  a]", "$[x2 ]", "$[x2a]", "$[x2]", "$[ a]", "$[", "$", "$[x2", "$[x2 ", "$[x2 a", "$[x2\na]", "$[x2 a\nb]", "$[X2 a]", "$[あ a]", "$[_ a]", "$[x-y a]",
	"$[spin.speed=1s a]", "$[spin.speed=1s,left a]", "$[spin.left,speed=1s a]", "$[spin. a]", "$[spin.,left a]", "$[spin.left, a]", "$[spin.left,,x a]", "$[spin.speed= a]", "$[spin.speed=1.5s a]",
	"$[spin.speed=-1s a]", "$[spin.speed=1=2 a]", "$[spin.a.b a]", "$[a.b=c.d,e=.-,f a]", "$[a.1,0,x,10,01 a]", "$[a.x=1,x=2,y,x a]", "$[a.__proto__=1 a]", "$[a.__proto__ a]", "$[a.constructor,toString=1 a]",
	"$[a.4294967294,4294967295,4294967296,1,b,00 a]", "$[a.2=x,1=y,2=z a]", "$[fg.color=f00 a]", "$[a $[b $[c d]]]", "$[a [b]]", "$[a b]]", "$[a `]`]", "$[a <plain>]</plain>]", "$[a @b]", "$[a #b]", "$[a #(])]", "$[a #b]c]",
	"$[ruby 漢字 かんじ]", "$[unixtime 0]", "$[x2 $[x3 ]]", "$$[x2 a]", "$[x2 **a]**", "**$[x2 a**]", "$[x2 :a:]", "$[x2.a=b c", "$[x2.a=b,c=d",

	// plain
	"<plain>a</plain>", "<plain></plain>", "<plain>\n</plain>", "<plain>\na\n</plain>", "<plain>\n\n</plain>", "<plain>\n\n\n</plain>", "<plain>\r\na\r\n</plain>", "<plain>\r\n</plain>", "<plain>\n\r\n</plain>",
	"<plain>\r\n\n</plain>", "<plain>a\n\nb</plain>", "<plain>a</plain", "<plain>**a** @b</plain>", "<plain><plain>a</plain></plain>", "<plain>a\r</plain>", "<plain>a\r\r\n</plain>", "a<plain>b</plain>c", "<plain>a</plain></plain>",

	// code and mathematics
	"`a`", "``", "```", "`a", "a`", "`a\nb`", "`a\rb`", "`a´`", "`´a`", "´a`", "``a``", "`a`b`", "` `", "`あ`", "`<b>`a</b>", "<b>`</b>`", "`a**`**",
	"```\na\n```", "```js\na\n```", "``` js \na\n```", "```\n```", "```\n\n```", "```\n\n\n```", "```\na```", "```\na\n```b", "```\na\n``` ", "```a```", "a```\nb\n```", "a\n```\nb\n```\nc", "\n```\na\n```\n", "\n\n```\na\n```\n\n",
	"```\r\na\r\n```\r\n", "```\ra\r```\r", "```\n```\n```", "```\na\n```\n```\nb\n```", "```\na\n````", "````\na\n````", "```\n a\n\n b\n```", "```\ufeff\u0085x\u0085\ufeff\na\n```", "```\na", "> ```\n> a\n> ```", "```a`b\nc\n```",
	"\\(a\\)", "\\(\\)", "\\(a", "\\(a\nb\\)", "\\(\\(a\\)\\)", "\\( \\)", "\\(a\\)b\\)", "\\()\\)", "\\",
	"\\[a\\]", "\\[\na\n\\]", "\\[\\]", "\\[\n\\]", "\\[\n\n\\]", "\\[a\\]b", "\\[a\\]\nb", "a\\[b\\]", "a\n\\[b\\]\nc", "\\[a\n\nb\\]", "\\[a\\] ", "\\[\r\na\r\n\\]\r\n", "\\[a\r\\]", "\\[\n\na\n\n\\]", "\\[a\\]\\]", "\\[\r\n\\]", "\n\\[a\\]\n", "\\[a",

	// mention
	"@a", "@", "@@", "@@a", "@a@", "@a@@", "@a@b", "@a@b.example", "@a@b@c", "a@b", "1@b", "あ@b", "_@b", "-@b", ".@b", "(@b)", "@a!", "@a.", "@a..", "@a-", "@-a", "@.a", "@a.b", "@a-b", "@a_b", "@_", "@あ", "@a.@b", "@a-@b", "@a@.b", "@a@-b", "@a@b.", "@a@b-",
	"@a@b.-", "@a@.", "@a@-", "@a@..-", "@-", "@.", "@.-@b", "@-a@b", "@a@b.c-d.e", "@A@B", "@a/b", "@a:b", "**@a**", "[@a](https://b.example)", "@a @b", "@a@b c", "@a\n@b", "@a#b", "@a😀", "@bsky.brid.gy@bsky.brid.gy", "a.@b", "<b>@a</b>", "@a..@b", "@a.-@",

	// hashtag
	"#a", "#", "##", "##a", "#a#b", "# a", "#1", "#1a", "#a1", "#12", "#１", "#あ", "a#b", "1#b", "あ#b", "_#b", "(#a)", "#a)", "#(a)", "#(a", "#a(b)c", "#a(b(c))", "#a[b]", "#a「b」", "#a（b）", "#a「b", "#a(b]", "#a(b[c)d]", "#()", "#(1)", "#[]",
	"#a.", "#a,b", "#a!b", "#a?b", "#a'b", "#a\"b", "#a:b", "#a/b", "#a【b", "#a】", "#a<b", "#a>b", "#a b", "#a　b", "#a\tb", "#a\nb", "#a\rb", "#a-b", "#a_b", "#a@b", "#a*b*", "#**a**", "#😀", "#a😀", "#\ufe0f\u20e3", "#\u20e3", "#️", "#a&b", "#a~~b~~", "#~~a~~", "#`a`", "#a`b`",
	"[#a](https://b.example)", "**#a**", "#a</b>", "#a(b\nc)", "#a( )", "#a(.)", "#(((((((((((((((((((((a)))))))))))))))))))))", "#a「(「(b)」)」", "#\u2028", "#a\u200bb",

	// emoji
	":a:", "::", ":", ":a", "a:", ":a:b", ":a::b:", ":a:b:", "a:b:", "1:b:c", "a:b:c", ":a:あ", ":あ:", ":a b:", ":+1:", ":-1:", ":a-b_c+d:", ":A:", ":a@b:", ":a.b:", ":a:\nb", "あ:a:い", ":a:_", ":a:-", ":a:1", "[:a:](https://b.example)", ":a:😀", ":::a:::", ":a\n:",
	"😀", "a😀b", "😀😀", "👍🏽", "👍🏽🏽", "👨\u200d👩\u200d👧\u200d👦", "👨\u200d👩\u200d", "🏳\ufe0f\u200d🌈", "🏳\u200d🌈", "🏴\u200d☠\ufe0f", "☺", "☺\ufe0f", "☺\ufe0e", "☺\ufe0f\ufe0f", "©", "©\ufe0f", "©\ufe0e", "™", "™\ufe0e", "1\ufe0f\u20e3", "1\u20e3", "1\ufe0f", "*\ufe0f\u20e3", "*\u20e3a*",
	"#\ufe0f\u20e3a", "🇯🇵", "🇯", "🇯🇯🇵", "🇵🇯🇵", "\ufe0f", "a\ufe0f", "😀\ufe0f", "😀\ufe0e", "😀\u200d", "\u200d", "🏽", "🏿👍", "🫱🏻\u200d🫲🏿", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "🏴\U000e0067\U000e0062", "㊗", "㊗\ufe0f", "〰", "〽\ufe0f", "\ue50a", "☝\ufe0f🏽", "☝🏽", "☝\ufe0e🏽", "🏃🏽\u200d➡\ufe0f", "🏃\u200d♀\ufe0f\u200d➡\ufe0f", "👩\u200d❤\ufe0f\u200d💋\u200d👨", "👁\ufe0f\u200d🗨\ufe0f", "👁\u200d🗨", "↔", "↔\ufe0e", "⌚", "⌚\ufe0e", "🀄", "🀄\ufe0e", "🫩", "🫪", "🫈", "🛘",

	// URL
	"https://a.example", "http://a.example", "https://", "https://a", "HTTPS://a.example", "httpss://a", "ftp://a.example", "xhttps://a.example", "https://a.example/b?c=d&e=f#g", "https://a.example.", "https://a.example,", "https://a.example.,.", "https://.", "https://.,",
	"https://a.example!", "https://a.example)", "(https://a.example)", "https://a.example/(b)", "https://a.example/(b", "https://a.example/(b))", "https://a.example/[b]", "https://a.example/[b", "https://a.example/(b[c]d)", "https://a.example/(b[c)d]", "https://a.example/b|c", "https://a.example/あ",
	"あhttps://a.example", "https://a.example　b", "https://a.example\nb", "https://a.example<b>", "https://a.example*b*", "https://a.example/~b", "https://a.example/b'c", "https://a.example/{b}", "https://a.example😀", "https://()", "https://(.)", "https://a.example/()", "https://a.example/(あ)", "https://https://a", "https://a.example/((((((((((((((((((((((b))))))))))))))))))))))",
	"<https://a.example>", "<https://a.example", "<https://>", "<https://あ>", "<https://a b>", "<https://a　b>", "<https://a\tb>", "<https://a\nb>", "<https://<a>", "<https://a>>", "<http://a.>", "<ftp://a>", "<HTTPS://a>", "<https://a<b>c</b>>", "<<https://a>>", "<b><https://a></b>",

	// link
	"[a](https://b.example)", "?[a](https://b.example)", "[a](<https://b.example>)", "[a](<https://b.example/あ>)", "[](https://b.example)", "[a]()", "[a](b)", "[a] (https://b.example)", "[a](https://b.example", "[a](https://b.example.)", "[a](https://.)", "[a](https://b.example/(c))", "[a](https://b.example/(c)",
	"[a\nb](https://c.example)", "[<b>a\nb</b>](https://c.example)", "[a]b](https://c.example)", "[[a](https://b.example)", "[[a]](https://b.example)", "[a[b](https://c.example)", "[a](https://b.example)(c)", "[**a**](https://b.example)", "[**a](https://b.example)**", "[`]`](https://b.example)", "[a @b #c https://d.example <https://e.example> :f: 😀](https://g.example)",
	"[$[x2 a]](https://b.example)", "[<plain>]</plain>](https://b.example)", "[<b>[a](https://b.example)</b>](https://c.example)", "[[a](https://b.example)](https://c.example)", "?[[a](https://b.example)](https://c.example)", "?a", "?[", "[", "]", "](", "?", "??[a](https://b.example)", "[a](https://b.example )", "[a]( https://b.example)", "[a](http://b)c](http://d)",
	"[a](<https://b<>)", "[a](<https://b>", "[a](<https://b> )", "[a](<https://b c>)", "[<b>a](https://b.example)</b>", "[~~a](https://b.example)~~", "[$[x2 a](https://b.example)]", "**[a](https://b.example)**", "[a](https://b.example)[c](https://d.example)", "[ ](https://b.example)", "[\\(]\\)](https://b.example)", "[a](https://b.example,)", "[a\rb](https://c.example)", "[a](<https://b\nc>)",
	"[a](https://b.example/[c](https://d.example))", "[a [b](https://c.example) d", "[#a](https://b.example)#c", "[@a](https://b.example)@c", "[a](<http://b>c)", "x[a](https://b.example)y",

	// quote
	"> a", ">a", ">", "> ", ">\n>", "> \n> ", ">\n", ">\n\n>", "> a\n> b", "> a\n>b\n> c", "> a\nb", "> a\n\nb", "> a\n\n\nb", "a\n> b", "a\n\n> b", "a\n\n\n> b", "\n> a", "\n\n> a", "\n\n\n> a", "a > b", "a> b", ">> a", "> > a", "> > a\n> b", "> a\n> > b\n> c", ">>> a", ">　a", ">\ta", ">  a",
	"> a\r\n> b\r\n", "> a\r> b\r", "a\r\n> b\r\nc", "> **a\n> b**", "> **a\nb**", "**a\n> b**", "> <center>a</center>", "> - a", "> ```\n> a\n> ```\n> b", "> a search", "> a\n> b search\n> c", "> @a\n> #b\n> :c:", "> [a](https://b.example)", "> \\[a\\]", "> a\n>\n> b", ">\n> a", "> a\n>", "> >", "> > ", "> \n>",
	"> a\n\n> b", "> a\n\n\n> b", "> a\n\n\n\n> b", "<b>\n> a</b>", "> a\n> \n> b", "> ~~a\n> b~~", "> \n", ">\r\n>", "> $[x2 a\n> b]", ">a\n\n", ">a\n\n\n", "> > > > > > > > > > > > > > > > > > > > > > a", "> > a\n> > b\n> c\n> > d",

	// search
	"a search", "a Search", "a SEARCH", "a [search]", "a [Search]", "a 検索", "a [検索]", "a　search", "a\tsearch", "a searches", "a search ", "asearch", " search", "  search", "search", "[search]", "a [search", "a search]", "a search\nb", "b\na search", "b\na search\nc", "\na search\n", "\n\na search\n\n", "a b search", "a search search", "a search [search]",
	"**a** search", "b\n**a** search", "@a search", "b\n@a search", "https://a.example search", "b\nhttps://a.example search", "<b>a search</b>", "😀 search", "b\n😀 search", "`a` search", "a\r\nb search\r\nc", "a\rb search\rc", "\n search", "\n  search", "a search\r\n", "a [serch]", "a 検索 b", "a検索", "> a search", "<center>a search</center>", "1 search", "a\u00a0search", "a ſearch", "a  search", "$[x2 search", "a\n\nb search", "\ufe0f search", "a\n\ufe0f search",

	// center
	"<center>a</center>", "<center>\na\n</center>", "<center></center>", "<center>\n</center>", "<center>\n\n</center>", "<center>a", "a<center>b</center>", "a\n<center>b</center>\nc", "<center>a</center>b", "<center>a</center> ", "<center>a</center>\n", "<center>a\n\nb</center>", "<center>**a**</center>", "<center>**a</center>**", "<center>\r\na\r\n</center>\r\n",
	"<center>> a</center>", "<center>\n> a\n</center>", "<center><center>a</center></center>", "\n<center>a</center>", "\n\n<center>a</center>\n\n", "<center>\n\n\na\n\n\n</center>", "<center><b>a</center></b>", "<center>a\n</center>b</center>", "<center>`</center>`</center>", "<center>[a](https://b.example)</center>", "<center>a</center>\n<center>b</center>", "<center>a</center><center>b</center>", "<CENTER>a</CENTER>", "<center>\r\n</center>", "<center>a\r</center>", "<center>```\na\n```</center>",
	"<center><plain></center></plain></center>", "<center>\n<center>\na</center>", "<center><b>\n<center>a</center>",

	// mixtures, and what is deep
	"**a~~b<i>c`d`</i>~~**", "<b><i><s><small>a</small></s></i></b>", "<b><i>a</b></i>", "<b><i>a</i></b></i>", "**<b>~~<i>$[x2 [a](https://b.example)]</i>~~</b>**", "<b>**~~<i>***a", "*a***b**", "_a__b__", "[a*b*](https://c.example)",
	"<b>" + strings.Repeat("a", 300) + "</b>", strings.Repeat("[", 50) + "a](https://b.example)", strings.Repeat("$[x2 ", 30) + "a" + strings.Repeat("]", 30), strings.Repeat("<b>", 30) + "a" + strings.Repeat("</b>", 30), strings.Repeat("**", 31) + "a" + strings.Repeat("**", 31), strings.Repeat("> ", 30) + "a",
	strings.Repeat("<b><i>", 12) + "@a **b** [c](https://d.example)" + strings.Repeat("</i></b>", 12), strings.Repeat("[**[<b>", 20) + "](https://a.example)", strings.Repeat("[a](https://b.example", 20), strings.Repeat("<center>\n", 20) + "a</center>", strings.Repeat("<center>\n[<b>", 10) + "</b>](https://a.example)\n</center>",
	strings.Repeat("a", 300) + "</plain>", "<plain>" + strings.Repeat("a", 300) + "</plain>", "<https://" + strings.Repeat("a", 300) + ">", "\\(" + strings.Repeat("a", 300) + "\\)", "\\[" + strings.Repeat("a\n", 150) + "\\]", "```\n" + strings.Repeat("a\n", 150) + "```", "```\n" + strings.Repeat("``\n", 150) + "```", "\\(" + strings.Repeat("a", 300) + "\n\\)",
	"[" + strings.Repeat("a", 300) + "](https://b.example)", "<center>" + strings.Repeat("a", 300) + "</center>", "[" + strings.Repeat("*a* ", 100) + "](https://b.example", strings.Repeat("[*a* ", 100) + "](https://b.example)", strings.Repeat("[~~*a* ", 60) + "](https://b.example)\n~~", strings.Repeat("<center>\n*a* ", 60) + "</center>",
}
