package spec

import "maps"

// The importer walks the document by OpenAPI's own structure, so that it knows
// a schema's description, which is prose, from a property that is called
// description, which is not. What it knows is written down here: an object is
// its fields, and a field says what becomes of its value. A field that is not
// listed stops the import, but for extensions (x-…), which are kept.

var (
	documentObject, infoObject, componentsObject, pathItemObject, operationObject,
	parameterObject, headerObject, requestBodyObject, responseObject, mediaTypeObject,
	encodingObject, schemaObject, discriminatorObject, securitySchemeObject, serverObject, tagObject objectRule
)

// The objects refer to one another, which initialisers of variables may not.
func init() {
	documentObject = objectRule{name: "OpenAPI document", fields: map[string]fieldRule{
		"openapi":           keepText,
		"jsonSchemaDialect": keepText,
		"info":              of(&infoObject),
		"servers":           leaveOut, // always /api, see Import
		"security":          keepSecurity,
		"tags":              listOf(&tagObject),
		"paths":             extensibleMapOf(&pathItemObject),
		"components":        of(&componentsObject),
		"externalDocs":      leaveOut,
	}, finish: needs("info", "paths")}

	infoObject = objectRule{name: "info", fields: map[string]fieldRule{
		"title":          keepText,
		"version":        keepText,
		"summary":        leaveOut,
		"description":    leaveOut,
		"termsOfService": leaveOut,
		"contact":        leaveOut,
		"license":        leaveOut,
	}, finish: needs("title", "version")}

	tagObject = objectRule{name: "tag", fields: map[string]fieldRule{
		"name":         keepText,
		"description":  leaveOut,
		"externalDocs": leaveOut,
	}}

	serverObject = objectRule{name: "server", fields: map[string]fieldRule{
		"url":         keepText,
		"variables":   keepObject,
		"description": leaveOut,
	}}

	componentsObject = objectRule{name: "components", fields: map[string]fieldRule{
		"schemas":         mapOf(&schemaObject),
		"responses":       mapOf(&responseObject),
		"parameters":      mapOf(&parameterObject),
		"requestBodies":   mapOf(&requestBodyObject),
		"headers":         mapOf(&headerObject),
		"securitySchemes": mapOf(&securitySchemeObject),
		"examples":        leaveOut,
	}}

	securitySchemeObject = objectRule{name: "security scheme", reference: true, fields: map[string]fieldRule{
		"type":             keepText,
		"scheme":           keepText,
		"bearerFormat":     keepText,
		"name":             keepText,
		"in":               keepText,
		"flows":            keepObject,
		"openIdConnectUrl": keepText,
		"description":      leaveOut,
	}}

	pathItemObject = objectRule{name: "path item", fields: map[string]fieldRule{
		"get":         of(&operationObject),
		"put":         of(&operationObject),
		"post":        of(&operationObject),
		"delete":      of(&operationObject),
		"options":     of(&operationObject),
		"head":        of(&operationObject),
		"patch":       of(&operationObject),
		"trace":       of(&operationObject),
		"parameters":  listOf(&parameterObject),
		"servers":     listOf(&serverObject),
		"summary":     leaveOut,
		"description": leaveOut,
	}}

	operationObject = objectRule{name: "operation", fields: map[string]fieldRule{
		"operationId":  keepText,
		"tags":         keepTexts,
		"deprecated":   keepBoolean,
		"security":     keepSecurity,
		"servers":      listOf(&serverObject),
		"parameters":   listOf(&parameterObject),
		"requestBody":  of(&requestBodyObject),
		"responses":    extensibleMapOf(&responseObject),
		"summary":      leaveOut,
		"description":  leaveOut, // but for the facts in it, see readFacts
		"externalDocs": leaveOut,
	}, finish: readFacts}

	parameterFields := map[string]fieldRule{
		"required":        keepBoolean,
		"deprecated":      keepBoolean,
		"allowEmptyValue": keepBoolean,
		"style":           keepText,
		"explode":         keepBoolean,
		"allowReserved":   keepBoolean,
		"schema":          of(&schemaObject),
		"content":         mapOf(&mediaTypeObject),
		"description":     leaveOut,
		"example":         leaveOut,
		"examples":        leaveOut,
	}
	headerObject = objectRule{name: "header", reference: true, fields: parameterFields}
	parameterObject = objectRule{name: "parameter", reference: true, fields: maps.Clone(parameterFields)}
	parameterObject.fields["name"] = keepText
	parameterObject.fields["in"] = keepText

	requestBodyObject = objectRule{name: "request body", reference: true, fields: map[string]fieldRule{
		"required":    keepBoolean,
		"content":     mapOf(&mediaTypeObject),
		"description": leaveOut,
	}}

	responseObject = objectRule{name: "response", reference: true, fields: map[string]fieldRule{
		"description": keepEmpty, // OpenAPI requires one
		"headers":     mapOf(&headerObject),
		"content":     mapOf(&mediaTypeObject),
	}, finish: readErrors}

	mediaTypeObject = objectRule{name: "media type", fields: map[string]fieldRule{
		"schema":   of(&schemaObject),
		"encoding": mapOf(&encodingObject),
		"example":  leaveOut,
		"examples": leaveOut, // but for the errors in them, see readErrors
	}}

	encodingObject = objectRule{name: "encoding", fields: map[string]fieldRule{
		"contentType":   keepText,
		"headers":       mapOf(&headerObject),
		"style":         keepText,
		"explode":       keepBoolean,
		"allowReserved": keepBoolean,
	}}

	discriminatorObject = objectRule{name: "discriminator", fields: map[string]fieldRule{
		"propertyName": keepText,
		"mapping":      mapOfRefs,
	}}

	// All of JSON Schema 2020-12, and what OpenAPI adds to it.
	schemaObject = objectRule{name: "schema", fields: map[string]fieldRule{
		"$ref":           reference,
		"$dynamicRef":    keepText,
		"$anchor":        keepText,
		"$dynamicAnchor": keepText,
		"$id":            keepText,
		"$schema":        keepText,
		"$vocabulary":    keepObject,
		"$defs":          mapOf(&schemaObject),
		"$comment":       leaveOut,

		"title":        leaveOut,
		"description":  leaveOut,
		"example":      leaveOut,
		"examples":     leaveOut,
		"externalDocs": leaveOut,

		"type":     keepType,
		"enum":     keepList,
		"const":    keepValue,
		"default":  keepValue,
		"format":   keepText,
		"required": keepSorted,

		"minimum":          keepNumber,
		"maximum":          keepNumber,
		"exclusiveMinimum": keepBound,
		"exclusiveMaximum": keepBound,
		"multipleOf":       keepNumber,
		"minLength":        keepCount,
		"maxLength":        keepCount,
		"pattern":          keepText,
		"minItems":         keepCount,
		"maxItems":         keepCount,
		"uniqueItems":      keepBoolean,
		"minContains":      keepCount,
		"maxContains":      keepCount,
		"minProperties":    keepCount,
		"maxProperties":    keepCount,

		"properties":            mapOf(&schemaObject),
		"patternProperties":     mapOf(&schemaObject),
		"dependentSchemas":      mapOf(&schemaObject),
		"dependentRequired":     keepObject,
		"additionalProperties":  schemaOrBoolean,
		"unevaluatedProperties": schemaOrBoolean,
		"propertyNames":         of(&schemaObject),
		"items":                 of(&schemaObject),
		"prefixItems":           listOf(&schemaObject),
		"unevaluatedItems":      schemaOrBoolean,
		"contains":              of(&schemaObject),
		"oneOf":                 listOf(&schemaObject),
		"anyOf":                 listOf(&schemaObject),
		"allOf":                 listOf(&schemaObject),
		"not":                   of(&schemaObject),
		"if":                    of(&schemaObject),
		"then":                  of(&schemaObject),
		"else":                  of(&schemaObject),

		"contentEncoding":  keepText,
		"contentMediaType": keepText,
		"contentSchema":    of(&schemaObject),

		"deprecated":    keepBoolean,
		"readOnly":      keepBoolean,
		"writeOnly":     keepBoolean,
		"discriminator": of(&discriminatorObject),
		"xml":           keepObject,
	}, finish: withoutOptional}
}
